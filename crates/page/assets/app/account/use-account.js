import { useEffect, useRef, useState } from "../preact.js";
import { readAccount } from "./requests.js";

/**
 * Who is signed in, read again when the connection comes back and when somebody returns to the page, as from the tab in
 * which they have signed in. What is known stays when it cannot be read again for now.
 * @returns {{account?: object|null, failure?: ApiFailure, readAgain: () => Promise<void>}} `account` is null where nobody is
 */
export function useAccount() {
  const [known, setKnown] = useState({});
  const number = useRef(0);
  const readAgain = async () => {
    const own = ++number.current;
    const [account, failure] = await readAccount().then((found) => [found], (failed) => [undefined, failed]);
    // Another reading has begun since, or nobody looks any more.
    if (own !== number.current) return;
    if (failure?.status === 401) setKnown({ account: null });
    else setKnown((before) => ({ account: account ?? (failure.isTemporary ? before.account : undefined), failure }));
  };
  useEffect(() => {
    const onReturn = () => document.hidden || readAgain();
    readAgain();
    addEventListener("online", readAgain);
    document.addEventListener("visibilitychange", onReturn);
    return () => {
      number.current = -1;
      removeEventListener("online", readAgain);
      document.removeEventListener("visibilitychange", onReturn);
    };
  }, []);
  return { ...known, readAgain };
}
