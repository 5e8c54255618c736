/** Whether it looks like an e-mail address. Whether it is one in all its letters, the platform says. */
export const looksLikeAddress = (text) => /^[^\s@]+@[^\s@]+$/.test(text);
