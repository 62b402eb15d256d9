import { batch } from "@preact/signals";
import { call, DeskError, setCsrf } from "../desk/api";
import type { User } from "../desk/shapes";
import * as train from "./store";

/** Coming in and leaving, with the desk's sessions. */

/** Takes up the session; a role that does not train is told so. */
export async function enter(): Promise<void> {
  try {
    const me = await call<{ user: User; csrf: string }>("GET", "/api/train/me");
    setCsrf(me.csrf);
    batch(() => {
      train.user.value = me.user;
      train.barred.value = false;
      train.entered.value = true;
    });
  } catch (error) {
    if (!(error instanceof DeskError && error.status === 403)) throw error;
    const me = await call<{ csrf: string }>("GET", "/api/me"); // so that they can log out
    setCsrf(me.csrf);
    batch(() => {
      train.barred.value = true;
      train.entered.value = true;
    });
  }
}

export async function login(username: string, password: string): Promise<void> {
  const answer = await call<{ csrf: string }>("POST", "/api/login", { username, password });
  setCsrf(answer.csrf);
  await enter();
}

export async function logout(): Promise<void> {
  try {
    await call<null>("POST", "/api/logout");
  } catch {
    // The session is left anyway.
  }
  forget();
}

/** Shows the login form again. */
export function forget(): void {
  batch(() => {
    train.user.value = null;
    train.barred.value = false;
    train.entered.value = false;
  });
}
