import { effect, signal } from "@preact/signals";
import * as store from "../store";

/** Whether the ticket's text is being edited in place; another ticket begins unedited. */
export const editing = signal(false);

let last: string | null = null;
effect(() => {
  if (store.openNumber.value === last) return;
  last = store.openNumber.value;
  editing.value = false;
});
