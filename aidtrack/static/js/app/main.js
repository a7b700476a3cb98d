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

// after a refused form the eye and the screen reader go to what is wrong
/** @type {HTMLElement | null} */ (document.querySelector(".problems"))?.focus();
