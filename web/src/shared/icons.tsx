/** Line icons, 24 × 24, drawn for Sapa; decorative, so hidden from assistive technology. */

/** An icon that draws the path. */
export function icon(path: string) {
  return function Icon() {
    return (
      <svg class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">
        <path d={path} fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" />
      </svg>
    );
  };
}

export const SendIcon = icon("M4 12 20 4l-5 16-3.5-6.5zM11.5 13.5 20 4");
export const ClipIcon = icon("M20 11.5l-8 8a5 5 0 0 1-7-7l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7L9.8 17a1.7 1.7 0 0 1-2.4-2.4l7.6-7.6");
export const CloseIcon = icon("M6 6l12 12M18 6 6 18");
export const DownIcon = icon("M6 9l6 6 6-6");
export const BackIcon = icon("M15 5l-7 7 7 7");
export const DotsIcon = icon("M12 5.5v.01M12 12v.01M12 18.5v.01");
export const FileIcon = icon("M7 3h7l5 5v13H7zM14 3v5h5M10 13h6M10 17h6");
export const PinIcon = icon("M12 21s-7-6.2-7-11a7 7 0 0 1 14 0c0 4.8-7 11-7 11zM12 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z");
export const ChatIcon = icon("M4 5h16v11H10l-6 4z");
export const PhoneIcon = icon("M12 3a9 9 0 0 0-7.8 13.5L3 21l4.5-1.2A9 9 0 1 0 12 3zM9 8.5c0 4 2.5 6.5 6.5 6.5l.5-2-2-1-1 1c-1-.5-1.8-1.3-2.2-2.2l1-1-1-2z");
export const WarnIcon = icon("M12 4 2.5 20h19zM12 10v4.5M12 17.5v.01");
export const ListIcon = icon("M8 6h12M8 12h12M8 18h12M4 6v.01M4 12v.01M4 18v.01");
export const PlusIcon = icon("M12 5v14M5 12h14");
export const InfoIcon = icon("M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5.5M12 7.5v.01");
export const HelpIcon = icon("M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.7.4-1.1.9-1.1 1.8M12 16.8v.01");
export const MoonIcon = icon("M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z");
export const CheckIcon = icon("M5 12.5l4.5 4.5L19 7.5");
export const BellIcon = icon("M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.5h4");
