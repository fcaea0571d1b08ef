/* The work desk. Every key presses a button that is also on the page.
   data-key="a"    pressed by A (letters and digits)     data-row, data-open   rows that J and K walk
   data-keys-switch  turns the keys off and on           data-all="task"       ticks every box of that name
   data-countdown  seconds until an undo expires
   Keys are dead while somebody types or composes Chinese, and with Ctrl, Alt or Meta. */
(function () {
  "use strict";
  var root = document.documentElement, PREFERENCE = "yijian-keys";
  function all(selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); }
  function stored() { try { return localStorage.getItem(PREFERENCE); } catch (_error) { return null; } }
  var on = (stored() || root.getAttribute("data-keys")) !== "off";

  var button = document.querySelector("[data-keys-switch]");
  function show() {
    root.setAttribute("data-keys", on ? "on" : "off");
    if (button) { button.hidden = false; button.textContent = button.getAttribute(on ? "data-off" : "data-on"); }
  }
  if (button) button.addEventListener("click", function () {
    on = !on;
    try { localStorage.setItem(PREFERENCE, on ? "on" : "off"); } catch (_error) { /* private window: this page only */ }
    show();
  });
  show();

  function typing(element) {
    if (!element || element.isContentEditable) return !!element;
    if (/^(TEXTAREA|SELECT)$/.test(element.tagName)) return true;
    return element.tagName === "INPUT" && !/^(checkbox|radio|button|submit|reset)$/.test(element.type);
  }
  function visible(element) { return element.getClientRects().length > 0 && !element.disabled; }

  function walk(step) {
    var rows = all("[data-row]"), at = rows.findIndex(function (row) { return row.classList.contains("is-on"); });
    if (!rows.length) return;
    var next = Math.max(0, Math.min(rows.length - 1, at + step));
    rows.forEach(function (row, place) { row.classList.toggle("is-on", place === next); });
    rows[next].querySelector("[data-open]").focus({ preventScroll: true });
    rows[next].scrollIntoView({ block: "nearest" });
  }
  function tick() {
    var box = document.querySelector("[data-row].is-on input[type=checkbox]");
    if (box) box.click();
  }
  function open() {
    var link = document.querySelector("[data-row].is-on [data-open]");
    if (link) link.click();
  }

  document.addEventListener("focusin", function (event) {
    var row = event.target.closest("[data-row]");
    if (row) all("[data-row]").forEach(function (one) { one.classList.toggle("is-on", one === row); });
  });
  document.addEventListener("keydown", function (event) {
    if (!on || event.isComposing || event.keyCode === 229 || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape" && typing(document.activeElement)) return document.activeElement.blur();
    if (event.defaultPrevented || typing(event.target)) return;
    var key = event.key.toLowerCase(), target = all('[data-key="' + (/^[a-z0-9/]$/.test(key) ? key : "") + '"]').filter(visible)[0];
    if (target) {
      event.preventDefault();
      if (event.repeat) return;
      target.focus({ preventScroll: !!target.closest(".dock") });
      if (typing(target)) target.select(); else target.click();
    } else if (key === "j" || key === "k") {
      event.preventDefault();
      walk(key === "j" ? 1 : -1);
    } else if (key === "x") { event.preventDefault(); tick();
    } else if (key === "enter" && event.target === document.body) open();
  });

  /* One press, one decision. */
  document.addEventListener("submit", function (event) {
    if (event.target.getAttribute("data-pressed")) return event.preventDefault();
    if (event.target.method === "post" && !event.defaultPrevented) event.target.setAttribute("data-pressed", "1");
  });
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) all("form[data-pressed]").forEach(function (form) { form.removeAttribute("data-pressed"); });
  });

  /* Batches: the bar says how many are ticked. */
  function count() {
    all("[data-ticked]").forEach(function (label) {
      var number = all('[data-row] input[type=checkbox]:checked').length;
      label.textContent = number;
      var bar = label.closest(".batch");
      if (bar) bar.hidden = !number;
    });
  }
  document.addEventListener("change", function (event) {
    var name = event.target.getAttribute("data-all");
    if (name) all('[data-row] input[name="' + name + '"]').forEach(function (box) { box.checked = event.target.checked; });
    count();
  });
  count();

  /* Undo: counts down and leaves when the time is over. */
  function countDown(toast) {
    if (!toast || toast.hasAttribute("data-counting")) return;
    toast.setAttribute("data-counting", "");
    var end = Date.now() + 1000 * +toast.getAttribute("data-countdown"), label = toast.querySelector("[data-seconds]");
    var timer = setInterval(function () {
      var left = Math.ceil((end - Date.now()) / 1000);
      if (left > 0) { label.textContent = left; return; }
      clearInterval(timer);
      toast.hidden = true;
    }, 250);
  }
  all("[data-countdown]").forEach(countDown);
})();
