/* Pages of families. Everything here is a convenience: without it every page still works.
   data-autosave on a form  saves it in the background      data-errors     takes the focus
   data-signature           a pad to sign on                data-refresh    asks again, ever less often
   Nothing is kept in the browser's storage: phones are shared. */
(function () {
  "use strict";
  var each = function (selector, run) { Array.prototype.forEach.call(document.querySelectorAll(selector), run); };

  /* Errors first: the summary is read aloud; its links put the cursor into the field. */
  var errors = document.querySelector("[data-errors]");
  if (errors) {
    errors.focus();
    errors.addEventListener("click", function (event) {
      var link = event.target.closest("a");
      var field = link && document.getElementById(link.hash.slice(1));
      if (!field) return;
      event.preventDefault();
      var fold = field.closest("details");
      if (fold) fold.open = true;
      (field.closest(".field") || field).scrollIntoView();
      field.focus({ preventScroll: true });
    });
  }

  /* One press, one submission. The button stays enabled so that its value travels too. */
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.getAttribute("data-sent")) return event.preventDefault();
    if (event.defaultPrevented || form.method !== "post") return;
    form.setAttribute("data-sent", "1");
    Array.prototype.forEach.call(form.querySelectorAll(".btn"), function (button) {
      button.classList.add("btn--busy");
      button.setAttribute("aria-disabled", "true");
    });
  });
  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) return;
    each("form[data-sent]", function (form) { form.removeAttribute("data-sent"); });
    each(".btn--busy", function (button) { button.classList.remove("btn--busy"); button.removeAttribute("aria-disabled"); });
  });

  /* Autosave: a moment after the last change; again later when the network fails. */
  var saved = document.querySelector("[data-saved]");
  function say(kind, time) {
    if (!saved) return;
    saved.hidden = false;
    saved.className = "saved" + (kind === "saved" ? "" : kind === "saving" ? " saved--busy" : " saved--failed");
    saved.textContent = saved.getAttribute("data-" + kind + "-text") + (time ? " " + time : "");
  }
  each("form[data-autosave]", function (form) {
    var timer = 0, wait = 0, changes = 0;
    function later(delay) { clearTimeout(timer); timer = setTimeout(save, delay); }
    function save() {
      if (form.getAttribute("data-sent")) return;
      timer = 0;
      var seen = changes, body = new FormData();
      new FormData(form).forEach(function (value, key) { if (typeof value === "string") body.append(key, value); });
      say("saving");
      fetch(form.action, { method: "POST", body: body, headers: { "X-Autosave": "1" }, credentials: "same-origin", redirect: "error", keepalive: document.hidden })
        .then(function (answer) {
          if (!answer.ok) throw new Error(answer.status);
          wait = 0;
          if (seen === changes) changes = 0;
          say("saved", answer.headers.get("X-Saved-At") || new Date().toTimeString().slice(0, 5));
        })
        .catch(function () {
          wait = Math.min((wait || 2000) * 2, 60000);
          say("failed");
          if (!timer) later(wait);
        });
    }
    function changed() { changes += 1; later(1200); }
    form.addEventListener("input", changed);
    form.addEventListener("change", changed);
    window.addEventListener("online", function () { if (changes) later(0); });
    document.addEventListener("visibilitychange", function () { if (document.hidden && changes) { clearTimeout(timer); save(); } });
  });

  /* Signature: strokes are sent as numbers, "WxH|x,y x,y|…", never as a picture. */
  each("[data-signature]", function (box) {
    var canvas = box.querySelector("canvas"), value = box.querySelector("[data-signature-value]");
    var state = box.querySelector("[data-signature-state]"), pen = canvas.getContext && canvas.getContext("2d");
    var typed = box.parentNode.querySelector("[data-signature-typed]");
    if (!pen || !window.PointerEvent) return;
    box.hidden = false;
    if (typed && !typed.querySelector("input").value) typed.open = false;
    var strokes = [], now = null, width = 0, height = 0;
    function draw() {
      var scale = window.devicePixelRatio || 1;
      canvas.width = canvas.clientWidth * scale; canvas.height = canvas.clientHeight * scale;
      scale *= canvas.clientWidth / (width || canvas.clientWidth);
      pen.setTransform(scale, 0, 0, scale, 0, 0);
      pen.lineWidth = 3; pen.lineCap = pen.lineJoin = "round"; pen.strokeStyle = "#16202c";
      strokes.forEach(function (stroke) {
        pen.beginPath();
        pen.moveTo(stroke[0][0], stroke[0][1]);
        stroke.forEach(function (point) { pen.lineTo(point[0], point[1]); });
        pen.stroke();
      });
      canvas.parentNode.classList.toggle("is-inked", strokes.length > 0);
    }
    function keep() {
      value.value = strokes.length ? width + "x" + height + "|" + strokes.map(function (stroke) {
        return stroke.map(function (point) { return point.join(","); }).join(" ");
      }).join("|") : "";
      state.textContent = strokes.length ? state.getAttribute("data-signed") : "";
    }
    function add(event) {
      var frame = canvas.getBoundingClientRect(), scale = frame.width / width;
      var x = Math.round((event.clientX - frame.left) / scale), y = Math.round((event.clientY - frame.top) / scale);
      x = Math.max(0, Math.min(width, x)); y = Math.max(0, Math.min(height, y));
      var last = now[now.length - 1];
      if (!last || Math.abs(last[0] - x) + Math.abs(last[1] - y) > 2) { now.push([x, y]); draw(); }
    }
    canvas.addEventListener("pointerdown", function (event) {
      if (!strokes.length) { width = canvas.clientWidth; height = canvas.clientHeight; }
      now = []; strokes.push(now);
      canvas.setPointerCapture(event.pointerId);
      add(event); event.preventDefault();
    });
    canvas.addEventListener("pointermove", function (event) { if (now) add(event); });
    function lift() { if (now) { now = null; keep(); } }
    canvas.addEventListener("pointerup", lift);
    canvas.addEventListener("pointercancel", lift);
    box.querySelector("[data-signature-clear]").addEventListener("click", function () { strokes = []; draw(); keep(); });
    window.addEventListener("resize", draw);
    var kept = /^(\d+)x(\d+)\|(.+)$/.exec(value.value);
    if (kept) {
      width = +kept[1]; height = +kept[2];
      strokes = kept[3].split("|").map(function (line) { return line.split(" ").map(function (point) { return point.split(",").map(Number); }); });
      keep();
    }
    draw();
  });

  /* Waiting pages: the same address is asked again and the changed part put in place. */
  var waiting = document.querySelector("[data-refresh]");
  if (waiting && waiting.id) {
    var pause = Math.max(1, +waiting.getAttribute("data-refresh")) * 1000;
    var again = function () { setTimeout(ask, pause); pause = Math.min(pause * 1.5, 30000); };
    var ask = function () {
      if (document.hidden) return again();
      fetch(location.href, { headers: { "X-Refresh": "1" }, credentials: "same-origin" })
        .then(function (answer) {
          if (answer.redirected) { location.replace(answer.url); return null; }
          return answer.ok ? answer.text() : again();
        })
        .then(function (text) {
          if (!text) return;
          var fresh = new DOMParser().parseFromString(text, "text/html").getElementById(waiting.id);
          if (!fresh || !fresh.hasAttribute("data-refresh")) { location.reload(); return; }
          if (fresh.innerHTML !== waiting.innerHTML) { waiting.innerHTML = fresh.innerHTML; }
          again();
        })
        .catch(again);
    };
    again();
  }
})();
