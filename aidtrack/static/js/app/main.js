// @ts-check
/** Every page's small helpers. A page without scripts still works: each of these only makes it kinder. */

import { dialogs } from "./dialogs.js";
import { guardForms } from "./forms.js";
import { menu } from "./menu.js";
import { readings } from "./quantity.js";

menu();
guardForms();
dialogs();
readings();
// most pages ask for no settlement and load nothing for it
if (document.querySelector("[data-settlements]")) {
  import("../places/settlement.js").then((module) => module.settlements());
}

// after a refused form the eye and the screen reader go to what is wrong
/** @type {HTMLElement | null} */ (document.querySelector(".problems"))?.focus();
