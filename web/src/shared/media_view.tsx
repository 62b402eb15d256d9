import type { Media, Place } from "./message";
import { fileSize } from "./time";
import { FileIcon, PinIcon } from "./icons";

const KIND: Record<Media["kind"], string> = {
  image: "Foto",
  video: "Video",
  audio: "Pesan suara",
  document: "Dokumen",
  sticker: "Stiker",
};

/** The Indonesian word for a kind of media. */
export function kindWord(kind: Media["kind"]): string {
  return KIND[kind] ?? "Berkas";
}

/** One attachment: pictures and sound in place, other files as a link to download. */
export function MediaView({ media }: { media: Media }) {
  const word = kindWord(media.kind);
  const label = media.name ? `${word}: ${media.name}` : word;
  if (media.state === "failed") return <p class="media-note">{word} tidak dapat diambil.</p>;
  if (media.state === "pending" || !media.url) return <p class="media-note">{word} sedang diproses…</p>;
  switch (media.kind) {
    case "image":
    case "sticker":
      return (
        <a class={`media-${media.kind}`} href={media.url} target="_blank" rel="noopener noreferrer">
          <img src={media.url} alt={label} loading="lazy" />
        </a>
      );
    case "video":
      return <video class="media-video" src={media.url} controls preload="metadata" aria-label={label} />;
    case "audio":
      return <audio class="media-audio" src={media.url} controls preload="metadata" aria-label={label} />;
    default:
      return (
        <a class="media-file" href={media.url} target="_blank" rel="noopener noreferrer" download={media.name ?? true}>
          <FileIcon />
          <span class="media-name">{media.name ?? word}</span>
          {media.size ? <span class="media-size">{fileSize(media.size)}</span> : null}
        </a>
      );
  }
}

/** A shared place, with a link to a map. */
export function PlaceView({ place }: { place: Place }) {
  const query = `${place.latitude},${place.longitude}`;
  return (
    <a
      class="media-file"
      href={`https://www.openstreetmap.org/?mlat=${place.latitude}&mlon=${place.longitude}&zoom=16`}
      target="_blank"
      rel="noopener noreferrer"
    >
      <PinIcon />
      <span class="media-name">
        {place.name ?? "Lokasi"}
        <span class="media-size">{place.address ?? query}</span>
      </span>
    </a>
  );
}
