// What stands behind # is sent to no server, so it gets into the form here; then it is taken out of
// the address, for nobody to read over a shoulder. Kept for this tab, while one signs in first.
"use strict";
const field = document.getElementById("id_token");
const token = window.location.hash.slice(1) || sessionStorage.getItem("invitation");
if (field && token && !field.value) {
  field.value = token;
  sessionStorage.setItem("invitation", token);
  history.replaceState(null, "", window.location.pathname);
}
