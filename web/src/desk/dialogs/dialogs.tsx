import { Modal } from "../../shared/modal";
import { giveBack } from "../actions";
import { NewTicket } from "../context/ticket_form";
import { MentionsDialog } from "../context/mentions_dialog";
import { AlertDialog } from "../floor/alert_dialog";
import { PeopleDialog } from "../floor/people_dialog";
import { TransferDialog } from "../floor/transfer_dialog";
import * as desk from "../store";
import { Ask, closeDialog, Radios } from "./ask";
import { CloseDialog } from "./close_dialog";
import { ContactDialog } from "./contact_dialog";
import { Help } from "./help";
import { RepliesDialog } from "./replies_dialog";

function Return({ id }: { id: string }) {
  return (
    <Ask title="Kembalikan ke bot" submitLabel="Kembalikan" onSubmit={(data) => giveBack(id, String(data.get("reason") ?? ""))}>
      <Radios legend="Alasan" name="reason" items={desk.options.value?.return_reasons ?? []} />
    </Ask>
  );
}

/** Whichever dialog is open. */
export function Dialogs() {
  switch (desk.dialog.value) {
    case "help":
      return <Help />;
    case "alerts":
      return <AlertDialog />;
    case "people":
      return <PeopleDialog />;
    case "mentions":
      return <MentionsDialog />;
    case "replies":
      return <RepliesDialog />;
    case "contact":
      return <ContactDialog />;
  }
  const summary = desk.opened.value;
  if (!summary) return null;
  switch (desk.dialog.value) {
    case "return":
      return <Return id={summary.id} />;
    case "close":
      return <CloseDialog summary={summary} />;
    case "transfer":
      return <TransferDialog summary={summary} />;
    case "ticket":
      return (
        <Modal onClose={closeDialog} title="Tiket baru">
          <NewTicket id={summary.id} onDone={closeDialog} />
        </Modal>
      );
    default:
      return null;
  }
}
