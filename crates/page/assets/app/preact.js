import { h, render, Fragment, createContext } from "../vendor/preact.js";
import { useState, useEffect, useLayoutEffect, useMemo, useRef, useCallback, useReducer, useContext, useId } from "../vendor/hooks.js";
import htm from "../vendor/htm.js";

// The one place that names the vendored modules: everything else imports Preact from here.
export const html = htm.bind(h);
export { render, Fragment, createContext, useState, useEffect, useLayoutEffect, useMemo, useRef, useCallback, useReducer, useContext, useId };
