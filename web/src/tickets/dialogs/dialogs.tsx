import { ACTIONS } from "../actions";
import * as store from "../store";
import { ActDialog } from "./act_dialog";
import { AlertsDialog } from "./alerts_dialog";
import { LinkDialog, MergeDialog, SplitDialog } from "./belonging_dialogs";
import { BulkDialog } from "./bulk_dialog";
import { CallDialog } from "./call_dialog";
import { HelpDialog } from "./help_dialog";
import { NewDialog } from "./new_dialog";
import { SolveDialog } from "./solve_dialog";
import { ViewDialog } from "./view_dialog";

/** Whichever dialog is open. */
export function Dialogs() {
  const name = store.dialog.value;
  if (name === null) return null;
  if (name.startsWith("bulk-")) return <BulkDialog what={name.slice("bulk-".length)} />;
  switch (name) {
    case "help":
      return <HelpDialog />;
    case "alerts":
      return <AlertsDialog />;
    case "new":
      return <NewDialog />;
    case "view":
      return <ViewDialog />;
  }
  const ticket = store.ticket.value;
  if (!ticket) return null;
  switch (name) {
    case "solve":
      return <SolveDialog ticket={ticket} />;
    case "calls":
      return <CallDialog ticket={ticket} />;
    case "merge":
      return <MergeDialog ticket={ticket} />;
    case "split":
      return <SplitDialog ticket={ticket} />;
    case "link":
      return <LinkDialog ticket={ticket} />;
  }
  const action = ACTIONS.find((each) => each.id === name);
  return action ? <ActDialog action={action} ticket={ticket} /> : null;
}
