import { launcherCss } from "./launcher_css";

/** The launcher button and the panel with the chat's iframe, in a Shadow DOM the host page's rules cannot reach. */

export interface LauncherEvents {
  opened(): void;
  closed(): void;
  loaded(): void;
}

const SVG = "http://www.w3.org/2000/svg";
const CHAT_PATH = "M4 4.5h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1h-9l-5 4v-4H4a1 1 0 0 1-1-1v-10a1 1 0 0 1 1-1z";
const CLOSE_PATH = "M6 9l6 6 6-6";

function drawing(path: string, className: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", className);
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

export class Launcher {
  frame: HTMLIFrameElement | null = null;
  isOpen = false;
  private readonly host = document.createElement("sapa-widget");
  private readonly button = document.createElement("button");
  private readonly badge = document.createElement("span");
  private readonly panel = document.createElement("div");
  private unread = 0;
  private brand = "";

  constructor(private readonly chatUrl: string, private readonly events: LauncherEvents) {
    const root = this.host.attachShadow({ mode: "open" });
    addStyles(root);
    this.panel.className = "panel";
    this.panel.id = "panel";
    this.panel.setAttribute("role", "dialog");
    this.panel.setAttribute("aria-modal", "false");
    this.panel.hidden = true;
    this.button.type = "button";
    this.button.className = "launcher";
    this.button.setAttribute("aria-controls", "panel");
    this.badge.className = "badge";
    this.badge.setAttribute("aria-hidden", "true");
    this.badge.hidden = true;
    this.button.append(drawing(CHAT_PATH, "chat"), drawing(CLOSE_PATH, "down"), this.badge);
    this.button.addEventListener("click", () => (this.isOpen ? this.close(true) : this.open()));
    root.addEventListener("keydown", (event) => this.onKey(event as KeyboardEvent));
    document.addEventListener("keydown", (event) => {
      // Esc inside the host's own dialogs and fields is theirs.
      if (event.target === document.body || event.target === document.documentElement) this.onKey(event);
    });
    root.append(this.panel, this.button);
    this.describe();
  }

  /** Puts the launcher on the page, beside <body>, so that no style of the body can clip or move it. */
  mount(): void {
    document.documentElement.append(this.host);
  }

  /** Loads the chat page without showing it. */
  preload(): void {
    if (this.frame) return;
    const frame = document.createElement("iframe");
    frame.title = "Obrolan";
    frame.referrerPolicy = "strict-origin";
    frame.allow = "clipboard-write";
    frame.addEventListener("load", () => this.events.loaded());
    frame.src = this.chatUrl;
    this.frame = frame;
    this.panel.append(frame);
  }

  open(): void {
    this.preload();
    if (this.isOpen) return;
    this.isOpen = true;
    this.panel.hidden = false;
    this.describe();
    this.frame?.focus();
    this.events.opened();
  }

  close(returnFocus: boolean): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.panel.hidden = true;
    this.describe();
    if (returnFocus) this.button.focus();
    this.events.closed();
  }

  setUnread(count: number): void {
    this.unread = Math.max(0, Math.floor(Number(count) || 0));
    this.describe();
  }

  /** Takes the client's name and colour; a dark or light glyph is chosen by the colour's brightness. */
  setBrand(name: string, color: string): void {
    this.brand = String(name);
    if (/^#[0-9a-f]{6}$/i.test(color)) {
      const [r, g, b] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16)) as [number, number, number];
      this.button.style.setProperty("--brand", color);
      this.button.style.setProperty("--on-brand", 0.299 * r + 0.587 * g + 0.114 * b > 150 ? "#10221a" : "#ffffff");
    }
    this.describe();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key !== "Escape" || !this.isOpen || event.defaultPrevented) return;
    event.preventDefault();
    this.close(true);
  }

  private describe(): void {
    const title = this.brand ? `Obrolan ${this.brand}` : "Obrolan";
    const news = this.unread > 0 ? `, ${this.unread} pesan belum dibaca` : "";
    this.button.setAttribute("aria-expanded", String(this.isOpen));
    this.button.setAttribute("aria-label", this.isOpen ? `Tutup obrolan${news}` : `Buka obrolan${news}`);
    this.panel.setAttribute("aria-label", title);
    if (this.frame) this.frame.title = title;
    this.badge.hidden = this.unread === 0 || this.isOpen;
    this.badge.textContent = this.unread > 99 ? "99+" : String(this.unread);
  }
}

function addStyles(root: ShadowRoot): void {
  if ("adoptedStyleSheets" in root && "replaceSync" in CSSStyleSheet.prototype) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(launcherCss);
    root.adoptedStyleSheets = [sheet];
    return;
  }
  // Browsers before 2023; a host with a strict style-src would show the plain elements.
  const style = document.createElement("style");
  style.textContent = launcherCss;
  root.append(style);
}
