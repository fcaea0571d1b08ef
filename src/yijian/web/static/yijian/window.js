/* The window; with a network everything works without it.
   data-bedside  keeps what is typed in this tab until the server has it; sent again with its key
   data-send     a chosen file is sent at once */
(function () {
  "use strict";
  document.addEventListener("change", function (event) {
    if (event.target.hasAttribute("data-send") && event.target.value) event.target.form.submit();
  });

  var form = document.querySelector("form[data-bedside]");
  if (!form || !window.fetch) return;
  var place = "yijian " + form.getAttribute("data-bedside"), key = form.elements.save_key;
  var sign = document.querySelector("[data-bedside-state]");
  var timer = 0, wait = 0, busy = false, changes = 0, leaving = false, left = false;

  function say(kind, time) {
    sign.className = "saved" + (kind === "saved" ? "" : kind === "saving" ? " saved--busy" : " saved--failed");
    sign.textContent = sign.getAttribute("data-" + kind) + (time ? " " + time : "");
  }
  function typed() {
    var found = [];
    new FormData(form).forEach(function (value, name) {
      if (name !== "csrfmiddlewaretoken" && name !== "save_key") found.push([name, value]);
    });
    return found;
  }
  function keep() {
    try { sessionStorage.setItem(place, JSON.stringify([key.value, typed()])); } catch (_full) { /* no room */ }
  }
  function later(delay) { clearTimeout(timer); timer = setTimeout(save, delay); }
  function save() {
    if (left) return;
    if (busy) return later(400);
    var seen = changes;
    busy = true;
    say("saving");
    fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Autosave": "1" }, credentials: "same-origin", redirect: "error" })
      .then(function (answer) {
        busy = false;
        if (!answer.ok) throw new Error(answer.status);
        wait = 0;
        if (seen !== changes) return later(0);
        changes = 0;
        sessionStorage.removeItem(place);
        say("saved", answer.headers.get("X-Saved-At"));
        if (leaving) { left = true; form.submit(); }
      })
      .catch(function () {
        busy = false;
        wait = Math.min((wait || 1000) * 2, 30000);
        say("waiting");
        later(wait);
      });
  }
  function changed() {
    changes += 1;
    key.value = Date.now().toString(36) + Math.random().toString(36).slice(2);
    keep();
    later(900);
  }
  form.addEventListener("input", changed);
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    leaving = true;
    keep();
    later(0);
  });
  window.addEventListener("pageshow", function (event) { if (event.persisted) left = leaving = false; });
  window.addEventListener("online", function () { if (changes || leaving) later(0); });

  var kept = null;
  try { kept = JSON.parse(sessionStorage.getItem(place)); } catch (_none) { /* no room */ }
  if (!kept) return;
  var names = {};
  kept[1].forEach(function (pair) { (names[pair[0]] = names[pair[0]] || []).push(pair[1]); });
  Array.prototype.forEach.call(form.elements, function (box) {
    var values = names[box.name] || [];
    if (/^(checkbox|radio)$/.test(box.type)) box.checked = values.indexOf(box.value) >= 0;
    else if (values.length && box.type !== "hidden") box.value = values[0];
  });
  key.value = kept[0];
  changes = 1;
  later(0);
})();
