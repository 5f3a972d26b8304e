/** The button of the demo box fills in the form. */

const button = document.querySelector("[data-fill-demo]");
const form = document.querySelector("#sign-in");

if (button instanceof HTMLButtonElement && form instanceof HTMLFormElement) {
  button.hidden = false;
  button.addEventListener("click", () => {
    for (const name of ["username", "password"]) {
      const input = form.elements.namedItem(name);
      if (input instanceof HTMLInputElement) input.value = button.dataset[name] ?? "";
    }
    /** @type {HTMLElement | null} */ (form.querySelector("[type=submit]"))?.focus();
  });
}
