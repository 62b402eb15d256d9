import { useSignal } from "@preact/signals";
import { sentence } from "./api";

/** Who may come in. `place`: into what. */
export function Login({ place, login }: { place: string; login: (username: string, password: string) => Promise<void> }) {
  const error = useSignal("");
  const busy = useSignal(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    busy.value = true;
    error.value = "";
    try {
      await login(String(data.get("username")).trim(), String(data.get("password")));
    } catch (problem) {
      error.value = sentence(problem);
    } finally {
      busy.value = false;
    }
  };
  return (
    <main class="login">
      <form onSubmit={submit} aria-labelledby="login-title">
        <p class="login-mark">Sapa</p>
        <h1 id="login-title">Masuk ke {place}</h1>
        <label>
          Nama pengguna
          <input name="username" autocomplete="username" autocapitalize="none" required autofocus />
        </label>
        <label>
          Kata sandi
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        <div role="alert">{error.value ? <p class="form-error">{error.value}</p> : null}</div>
        <button type="submit" class="button primary" disabled={busy.value}>
          {busy.value ? "Memeriksa…" : "Masuk"}
        </button>
      </form>
    </main>
  );
}
