import { useEffect } from "preact/hooks";
import { Modal } from "../../shared/modal";
import { closeDialog } from "../dialogs/ask";
import type { Colleague } from "../shapes";
import * as desk from "../store";
import { PresenceChoices, presenceOf, presenceValue, presenceWord, Since } from "./presence";
import { loadPeople, people, setPresenceOf, transferTo } from "./store";

/** Who works at the desk, with state and load. Who leads may set a state and move a conversation. */

function Person({ person }: { person: Colleague }) {
  const me = desk.me.value?.user.id === person.id;
  const open = desk.opened.value;
  const movable = desk.leads.value && open !== null && desk.mayAct(open) && open.agent?.id !== person.id && !me;
  return (
    <tr data-testid="person">
      <th scope="row">
        <span class={`lamp ${person.presence.state}`} aria-hidden="true" /> {person.name}
        {me ? <span class="dim"> (Anda)</span> : null}
      </th>
      <td>
        {desk.leads.value && !me ? (
          <select
            class="field slim"
            aria-label={`Status ${person.name}`}
            value={presenceValue(person.presence)}
            onChange={(event) => void setPresenceOf(person.id, ...presenceOf(event.currentTarget.value))}
          >
            <PresenceChoices presence={person.presence} />
          </select>
        ) : (
          presenceWord(person.presence)
        )}
      </td>
      <td>
        <Since presence={person.presence} />
      </td>
      <td class="number">
        {person.load}/{person.capacity}
      </td>
      {desk.leads.value ? (
        <td>
          {movable ? (
            <button
              type="button"
              class="button small"
              aria-label={`Alihkan ke sini: ${person.name}`}
              title={`Alihkan percakapan terbuka ke ${person.name}`}
              onClick={() => {
                transferTo.value = person.id;
                desk.dialog.value = "transfer";
              }}
            >
              Alihkan ke sini
            </button>
          ) : null}
        </td>
      ) : null}
    </tr>
  );
}

export function PeopleDialog() {
  useEffect(() => void loadPeople(), []);
  const found = people.value ?? [];
  const teams = [...new Map(found.map((each) => [each.team?.id ?? "", each.team?.label ?? "Tanpa tim"])).entries()];
  return (
    <Modal onClose={closeDialog} title="Rekan di meja" wide>
      {found.length === 0 ? <p class="card-text dim">Belum ada yang tercatat.</p> : null}
      {teams.map(([id, label]) => (
        <table class="people" key={id}>
          <caption>{label}</caption>
          <thead>
            <tr>
              <th scope="col">Nama</th>
              <th scope="col">Status</th>
              <th scope="col">Sejak</th>
              <th scope="col">Beban</th>
              {desk.leads.value ? <th scope="col">Percakapan</th> : null}
            </tr>
          </thead>
          <tbody>
            {found
              .filter((each) => (each.team?.id ?? "") === id)
              .map((person) => (
                <Person key={person.id} person={person} />
              ))}
          </tbody>
        </table>
      ))}
      <div class="modal-buttons">
        <button type="button" class="button primary" onClick={closeDialog}>
          Selesai
        </button>
      </div>
    </Modal>
  );
}
