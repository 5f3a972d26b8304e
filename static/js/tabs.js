/** Tabs over the panels of a meeting. On a phone the transcript is one of them; beside it there is room for both. */

const PHONE = matchMedia("(max-width: 60rem)");

export class Tabs {
  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} columns
   */
  constructor(list, columns) {
    this.list = list;
    this.columns = columns;
    this.tabs = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[data-tab]")]);
    this.chosen = PHONE.matches ? "transcript" : "notes";
    list.setAttribute("role", "tablist");
    list.hidden = false;
    columns.dataset.tabbed = "";
    for (const tab of this.tabs) this.wire(tab);
    list.addEventListener("keydown", (event) => this.onKey(event));
    PHONE.addEventListener("change", () => this.arrange());
    this.arrange();
  }

  /** @param {HTMLElement} tab */
  wire(tab) {
    const panel = this.panelOf(tab);
    tab.setAttribute("role", "tab");
    tab.id = `tab-${tab.dataset.tab}`;
    tab.setAttribute("aria-controls", panel.id);
    tab.addEventListener("click", () => this.show(tab.dataset.tab ?? ""));
  }

  /** @param {HTMLElement} tab */
  panelOf(tab) {
    return /** @type {HTMLElement} */ (this.columns.querySelector(`[data-panel="${tab.dataset.tab}"]`));
  }

  /** @param {string} name */
  show(name) {
    this.chosen = name;
    this.arrange();
  }

  /** Where the transcript is a tab, bring it to the front. */
  showTranscript() {
    if (PHONE.matches) this.show("transcript");
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const usable = this.tabs.filter((tab) => !tab.hidden);
    const here = usable.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const places = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: usable.length - 1 };
    if (here < 0 || !(event.key in places)) return;
    const there = places[/** @type {keyof typeof places} */ (event.key)];
    const tab = usable[(there + usable.length) % usable.length];
    event.preventDefault();
    this.show(tab.dataset.tab ?? "");
    tab.focus();
  }

  arrange() {
    if (!PHONE.matches && this.chosen === "transcript") this.chosen = "notes";
    for (const tab of this.tabs) {
      const isApart = "phone" in tab.dataset && !PHONE.matches;
      const isChosen = tab.dataset.tab === this.chosen;
      tab.hidden = isApart;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      arrangePanel(this.panelOf(tab), tab, isApart, isChosen);
    }
  }
}

/**
 * @param {HTMLElement} panel
 * @param {HTMLElement} tab
 * @param {boolean} isApart it stands beside the tabs and belongs to none
 * @param {boolean} isChosen
 */
function arrangePanel(panel, tab, isApart, isChosen) {
  panel.hidden = !isApart && !isChosen;
  panel.setAttribute("aria-labelledby", isApart ? `${tab.dataset.tab}-title` : tab.id);
  if (isApart) {
    panel.removeAttribute("role");
    panel.removeAttribute("tabindex");
  } else {
    panel.setAttribute("role", "tabpanel");
    panel.tabIndex = 0;
  }
}
