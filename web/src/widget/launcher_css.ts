/**
 * The launcher's style. `!important` in :host beats any rule of the host page, important or not: for important
 * declarations the shadow tree's own context wins (CSS Cascade 5, "Context").
 */
export const launcherCss = `
:host {
  all: initial !important;
  display: block !important;
  position: fixed !important;
  inset: auto 0 0 auto !important;
  width: 0 !important;
  height: 0 !important;
  visibility: visible !important;
  opacity: 1 !important;
  pointer-events: auto !important;
  z-index: 2147483647 !important;
}
[hidden] { display: none !important; }
.launcher {
  all: initial;
  box-sizing: border-box;
  position: fixed;
  right: max(20px, env(safe-area-inset-right));
  bottom: max(20px, env(safe-area-inset-bottom));
  width: 60px;
  height: 60px;
  display: grid;
  place-items: center;
  border-radius: 50%;
  background: var(--brand, #0a7d3e);
  color: var(--on-brand, #ffffff);
  cursor: pointer;
  box-shadow: 0 2px 6px rgb(0 0 0 / .2), 0 8px 24px rgb(0 0 0 / .22);
  transition: transform .15s ease;
}
.launcher:hover { transform: translateY(-2px); }
.launcher:focus-visible { outline: 3px solid #ffffff; outline-offset: 0; box-shadow: 0 0 0 6px #1a1a1a; }
svg { grid-area: 1 / 1; width: 28px; height: 28px; fill: none; stroke: currentColor; stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; }
.launcher[aria-expanded="true"] .chat, .launcher[aria-expanded="false"] .down { display: none; }
.badge {
  position: absolute;
  top: -4px;
  right: -4px;
  min-width: 22px;
  height: 22px;
  padding: 0 6px;
  box-sizing: border-box;
  border-radius: 11px;
  border: 2px solid #ffffff;
  background: #b3261e;
  color: #ffffff;
  font: 700 12px/18px system-ui, sans-serif;
  text-align: center;
}
.panel {
  position: fixed;
  right: max(20px, env(safe-area-inset-right));
  bottom: calc(max(20px, env(safe-area-inset-bottom)) + 74px);
  width: 392px;
  height: min(660px, calc(100vh - 114px));
  border-radius: 16px;
  overflow: hidden;
  background: #ffffff;
  box-shadow: 0 4px 12px rgb(0 0 0 / .12), 0 16px 48px rgb(0 0 0 / .24);
  animation: rise .18s ease-out;
}
iframe { display: block; width: 100%; height: 100%; border: 0; color-scheme: light; }
@keyframes rise { from { opacity: 0; transform: translateY(12px); } }
@media (max-width: 480px) {
  .panel { inset: 0; width: 100%; height: 100%; border-radius: 0; }
  .launcher[aria-expanded="true"] { display: none; }
}
@media (max-height: 420px) {
  .panel { bottom: 0; height: 100%; }
}
@media (prefers-reduced-motion: reduce) {
  .panel { animation: none; }
  .launcher { transition: none; }
}
`;
