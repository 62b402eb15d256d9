/** The demo page opens the widget through its public interface, as a client's site would. */

interface Sapa {
  open(): void;
}

document.querySelector("[data-open-chat]")?.addEventListener("click", () => {
  (window as { Sapa?: Sapa }).Sapa?.open();
});
