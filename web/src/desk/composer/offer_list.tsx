import type { Offer } from "./canned";

/** The list above the text field; the focus stays in the field, which says by aria-activedescendant where it stands. */
export function OfferList({ offers, at, kind, onTake }: { offers: Offer[]; at: number; kind: "reply" | "person"; onTake: (offer: Offer) => void }) {
  return (
    <ul class="offer-list" id="offer-list" role="listbox" aria-label={kind === "reply" ? "Balasan siap pakai" : "Rekan"}>
      {offers.map((offer, index) => (
        // The field keeps the focus: the press is taken before it would leave.
        <li
          key={offer.id}
          id={`offer-${index}`}
          role="option"
          aria-selected={index === at}
          onMouseDown={(event) => {
            event.preventDefault();
            onTake(offer);
          }}
        >
          <span class="offer-head">
            <kbd>{offer.name}</kbd> {offer.title}
          </span>
          {offer.detail ? <span class="offer-detail">{offer.detail}</span> : null}
        </li>
      ))}
    </ul>
  );
}
