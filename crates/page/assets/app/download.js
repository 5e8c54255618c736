/** Hands the reader a file. */
export function downloadText(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

/** A title as the name of a file: what no system forbids. */
export const fileNameOf = (title) => title.replace(/[^\p{L}\p{N} _-]+/gu, "").trim().slice(0, 80) || "poll";
