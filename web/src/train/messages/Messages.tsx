/** The review queue. */
export function Messages() {
  return <p class="empty large">Belum ada pesan.</p>;
}
