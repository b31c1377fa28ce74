// The page without a valid token: what happened, and how to get in.

/** Explains how to get a fresh link; nothing else is shown beside it. */
export function Locked({ why }: { why: string }) {
  return (
    <main class="locked">
      <h2>This page needs a fresh link</h2>
      <p>{why}</p>
      <ol>
        <li>
          Look at the terminal where the engine runs: it printed an address with a{" "}
          <code>token</code> in it. Each address opens the page once.
        </li>
        <li>
          If it was used already, ask for another one in the project's folder:
          <pre>npx alphapulse status</pre>
        </li>
        <li>
          If no engine is running, start it and open the address it prints:
          <pre>npm start</pre>
        </li>
      </ol>
      <p class="faint">
        A tab that was let in once stays in over reloads until the engine stops or the tab closes.
      </p>
    </main>
  );
}
