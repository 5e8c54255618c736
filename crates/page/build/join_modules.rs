//! Joins JavaScript modules into two, so that a browser asks twice instead of some sixty times: what every screen needs,
//! and what only a poll's screen needs.
//!
//! It knows no JavaScript: it relies on the form that the modules keep. An import stands at the beginning of a line, names
//! what it imports, and names a file by a relative path; `export` stands before a declaration at the beginning of a line.
//! All modules end up in one scope, so a name at the top of one must be in no other: a browser refuses the whole
//! otherwise, and a test of this crate says which name it is.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

/// A file that is made, and the module that it begins with; the others are found by its imports.
const MAIN: (&str, &str) = ("app.js", "main.js");
/// What is loaded when it is needed; it takes what it shares with the first from there.
const LATER: (&str, &str) = ("poll.js", "poll/screen.js");

/// The files that are made of all modules of the folder `app`, each with its modules behind those that they import.
///
/// # Errors
/// A file cannot be read, or imports something in another form.
pub(crate) fn join(app: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let app = fs::canonicalize(app)?;
    let mut main = Joined::new(&app, BTreeSet::new());
    main.add(&app.join(MAIN.1))?;
    let mut later = Joined::new(&app, main.seen.clone());
    later.add(&app.join(LATER.1))?;
    let shared: Vec<&str> = later.from_before.iter().map(String::as_str).collect();
    let exported = format!("export {{ {} }};\n", shared.join(", "));
    let imported = format!("import {{ {} }} from \"./{}\";\n", shared.join(", "), MAIN.0);
    let screen = "export { PollScreen };\n";
    Ok(BTreeMap::from([
        (MAIN.0.to_owned(), main.text + &exported),
        (LATER.0.to_owned(), imported + &later.text + screen),
    ]))
}

struct Joined {
    app: PathBuf,
    /// The modules of a file before this one.
    before: BTreeSet<PathBuf>,
    seen: BTreeSet<PathBuf>,
    /// Names that are imported from there.
    from_before: BTreeSet<String>,
    text: String,
}

impl Joined {
    fn new(app: &Path, before: BTreeSet<PathBuf>) -> Joined {
        let (seen, from_before) = (before.clone(), BTreeSet::new());
        Joined { app: app.to_owned(), before, seen, from_before, text: String::new() }
    }

    fn add(&mut self, module: &Path) -> anyhow::Result<()> {
        if !self.seen.insert(module.to_owned()) {
            return Ok(());
        }
        let text = fs::read_to_string(module).with_context(|| format!("{}", module.display()))?;
        let mut own = String::new();
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (statement, behind) = next_statement(rest);
            rest = behind;
            if statement.starts_with("import ") {
                own.push_str(&self.import(module, statement)?);
            } else if !is_comment(statement) && !statement.starts_with("export {") {
                own.push_str(statement.strip_prefix("export ").unwrap_or(statement));
            }
        }
        self.text.push_str(&own);
        Ok(())
    }

    /// Adds the module that is imported; what remains to be said is an import from outside of `app`.
    fn import(&mut self, module: &Path, statement: &str) -> anyhow::Result<String> {
        let named = statement.rsplit('"').nth(1).filter(|path| path.starts_with('.'));
        let Some(named) = named else { bail!("{}: {statement:?} names no relative path", module.display()) };
        let folder = module.parent().context("a module is in a folder")?;
        let path =
            fs::canonicalize(folder.join(named)).with_context(|| format!("{}: {named}", module.display()))?;
        if !path.starts_with(&self.app) {
            let outside = path.strip_prefix(self.app.parent().context("app is in a folder")?)?;
            return Ok(statement.replace(named, &format!("./{}", outside.display())));
        }
        if self.before.contains(&path) {
            let list = statement.split(['{', '}']).nth(1).context("an import names what it imports")?;
            let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
            self.from_before.extend(names.map(str::to_owned));
        }
        self.add(&path)?;
        Ok(String::new())
    }
}

/// The next line, an import up to its semicolon, or a comment of whole lines; and what is behind it.
fn next_statement(text: &str) -> (&str, &str) {
    let first = text.trim_start_matches(' ');
    let end = if text.starts_with("import ") || text.starts_with("export {") {
        ";\n"
    } else if first.starts_with("/**") {
        "*/\n"
    } else {
        "\n"
    };
    text.split_at(text.find(end).map_or(text.len(), |at| at + end.len()))
}

fn is_comment(statement: &str) -> bool {
    let statement = statement.trim_start();
    statement.is_empty()
        || statement.starts_with("//")
        || (statement.starts_with("/**") && statement.ends_with("*/\n"))
}
