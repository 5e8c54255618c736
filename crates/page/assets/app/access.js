/** Whether everybody may read and change everything; else people have accounts, to which one signs in. */
export const isOpenToAll = () => (document.body.dataset.access ?? "open") === "open";
