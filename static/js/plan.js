/** Planning a meeting: where no zone was chosen yet, it is the browser's. */

const zone = document.querySelector("#plan[data-fresh] [name=time_zone]");
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

if (zone instanceof HTMLSelectElement && zone.value === "UTC" && [...zone.options].some((one) => one.value === here)) {
  zone.value = here;
}
