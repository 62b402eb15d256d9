import { moment } from "../../shared/time";
import { Locked } from "../procedure/verification";
import type { Reservation } from "../shapes";
import { Section } from "./section";

/** The customer's appointments at outlets. */
export function Reservations({ reservations, locked }: { reservations: Reservation[]; locked: number }) {
  return (
    <Section title="Reservasi">
      {reservations.length === 0 && locked === 0 ? <p class="card-text dim">Belum ada reservasi.</p> : null}
      <ul class="plain">
        {reservations.map((each) => (
          <li key={each.code}>
            <strong>{each.code}</strong> <span class="chip">{each.label ?? each.status}</span>
            <br />
            {each.outlet}, {moment(each.starts_at)}
            <br />
            <span class="dim">{each.purpose}</span>
          </li>
        ))}
      </ul>
      {locked > 0 ? <Locked what={`${locked} reservasi lain`} /> : null}
    </Section>
  );
}
