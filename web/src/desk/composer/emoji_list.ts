/** The emoji a contact centre needs, with their names. */
export const EMOJI: [string, string][] = [
  ["🙏", "terima kasih"], ["🙂", "senyum"], ["😊", "senyum hangat"], ["😀", "gembira"], ["😄", "tertawa"],
  ["😁", "senyum lebar"], ["😉", "kedip"], ["😍", "suka sekali"], ["🤗", "peluk"], ["🤝", "jabat tangan"],
  ["👍", "jempol"], ["👌", "baik"], ["👏", "tepuk tangan"], ["🙌", "angkat tangan"], ["💪", "semangat"],
  ["👋", "lambai"], ["🙇", "membungkuk"], ["☝️", "telunjuk ke atas"], ["👉", "tunjuk kanan"], ["👇", "tunjuk bawah"],
  ["❤️", "hati merah"], ["💚", "hati hijau"], ["✨", "kilau"], ["🌟", "bintang bersinar"], ["🎉", "perayaan"],
  ["🎁", "hadiah"], ["🌷", "tulip"], ["☕", "kopi"], ["🌞", "matahari"], ["🌙", "bulan"],
  ["😅", "senyum canggung"], ["🤔", "berpikir"], ["😮", "terkejut"], ["😔", "sedih"], ["😢", "menangis"],
  ["😥", "kecewa lega"], ["😟", "khawatir"], ["😓", "berkeringat"], ["😇", "malaikat"], ["🤩", "kagum"],
  ["✅", "selesai"], ["☑️", "tercentang"], ["❌", "silang"], ["⚠️", "peringatan"], ["ℹ️", "informasi"],
  ["❗", "tanda seru"], ["❓", "tanda tanya"], ["🔒", "terkunci"], ["🔑", "kunci"], ["🔔", "lonceng"],
  ["📞", "telepon"], ["📱", "ponsel"], ["💬", "percakapan"], ["📧", "surel"], ["📄", "dokumen"],
  ["📅", "kalender"], ["⏰", "jam"], ["📍", "lokasi"], ["🏦", "bank"], ["💰", "uang"],
];
