import { useEffect } from "preact/hooks";
import { Modal } from "../../shared/modal";
import { moment } from "../../shared/time";
import { writeOn } from "../composer/text";
import { customerName } from "../list/words";
import { openConversation } from "../loading";
import * as desk from "../store";
import { loadMentions, mentions } from "./mentions";

/** Where colleagues asked this agent something, newest first. */
export function MentionsDialog() {
  const close = () => (desk.dialog.value = null);
  useEffect(() => void loadMentions(), []);
  const found = mentions.value ?? [];
  const answer = async (id: string) => {
    close();
    await openConversation(id);
    writeOn("note");
  };
  return (
    <Modal onClose={close} title="Sebutan">
      {found.length === 0 ? <p class="card-text dim">Belum ada yang menyebut Anda.</p> : null}
      <ul class="plain mentions">
        {found.map((each) => (
          <li key={each.message}>
            <p class="card-text">
              <strong>{each.by.name}</strong> <span class="dim">· {customerName(each.conversation)} · {moment(each.at)}</span>
            </p>
            <p class="card-text">{each.text}</p>
            <span class="row-buttons">
              {each.answered ? <span class="chip good">Sudah dijawab</span> : null}
              <button type="button" class="button small" onClick={() => void answer(each.conversation.id)}>
                Buka dan jawab
              </button>
            </span>
          </li>
        ))}
      </ul>
      <div class="modal-buttons">
        <button type="button" class="button primary" onClick={close}>
          Selesai
        </button>
      </div>
    </Modal>
  );
}
