import { Modal } from "../../shared/modal";
import * as desk from "../store";
import { askPermission, type Hears, hears, onlyHidden, permission, setHears, setOnlyHidden } from "./alerts";

const CHOICES: [Hears, string][] = [
  ["none", "Tanpa bunyi"],
  ["mine", "Tawaran dan percakapan saya"],
  ["all", "Semua, termasuk antrean"],
];

const PERMISSION = {
  granted: "Pemberitahuan desktop aktif.",
  denied: "Pemberitahuan desktop diblokir di peramban ini.",
  default: "Pemberitahuan desktop belum diizinkan.",
};

/** What makes a sound, and whether the system may show notifications. */
export function AlertDialog() {
  const close = () => (desk.dialog.value = null);
  return (
    <Modal onClose={close} title="Pemberitahuan">
      <fieldset class="radios">
        <legend>Bunyi</legend>
        {CHOICES.map(([value, label]) => (
          <label key={value}>
            <input type="radio" name="hears" checked={hears.value === value} onChange={() => setHears(value)} /> {label}
          </label>
        ))}
      </fieldset>
      <label class="check">
        <input type="checkbox" checked={onlyHidden.value} onChange={(event) => setOnlyHidden(event.currentTarget.checked)} /> Hanya saat halaman ini tidak terlihat
      </label>
      <p class="card-text dim" role="status">
        {PERMISSION[permission.value]}
      </p>
      <div class="modal-buttons">
        {permission.value === "default" ? (
          <button type="button" class="button" onClick={() => void askPermission()}>
            Izinkan pemberitahuan desktop
          </button>
        ) : null}
        <button type="button" class="button primary" onClick={close}>
          Selesai
        </button>
      </div>
    </Modal>
  );
}
