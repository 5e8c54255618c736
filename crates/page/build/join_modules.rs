//! Joins JavaScript modules into a few files, so that a browser does not ask some ninety times: what every screen needs, what
//! a poll's screen needs to be read and joined, what it shows besides, and other screens.
//!
//! It knows no JavaScript: it relies on the form that the modules keep. An import stands at the beginning of a line, names
//! what it imports, and names a file by a relative path; `export` stands before a declaration at the beginning of a line.
//! All modules of a file end up in one scope, and what one takes from another keeps its name, so a name at the top of a
//! module must be in no other: a browser refuses the whole otherwise, and a test of this crate says which name it is.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

/// Files in the order in which they are needed: the name, the module that it begins with, whose imports lead to the others,
/// and what it exports for whoever loads it. A file takes what it shares with those before it from there.
const FILES: [(&str, &str, &[&str]); 5] = [
    ("app.js", "main.js", &[]),
    ("screens.js", "screens.js", &["CreateScreen", "MyPollsScreen", "StatusScreen"]),
    ("poll.js", "poll/screen.js", &["PollScreen"]),
    ("poll-sections.js", "poll/sections.js", &SECTIONS),
    ("person.js", "person.js", &["AccountScreen", "CalendarsScreen"]),
];
/// What these have in common is in the first file: nobody needs both.
const ALTERNATIVES: [&str; 2] = [FILES[1].1, FILES[2].1];
/// What this one shares with any other is in the first file: whoever needs it needs none of the others.
const ALONE: &str = FILES[4].1;
const SECTIONS: [&str; 8] = [
    "AnswerSection",
    "GroupSection",
    "OrganiserPanel",
    "SharePanel",
    "WindowsPanel",
    "decideAfterAsking",
    "declineAfterAsking",
    "takeBackAfterAsking",
];

/// The files that are made of all modules of the folder `app`, each with its modules behind those that they import.
///
/// # Errors
/// A file cannot be read, or imports something in another form.
pub(crate) fn join(app: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let app = fs::canonicalize(app)?;
    let reached = |first: &str| {
        let mut alone = Joined {
            app: &app,
            index: 0,
            places: BTreeMap::new(),
            imported: BTreeMap::new(),
            text: String::new(),
        };
        alone.add(&app.join(first)).map(|()| alone.places.into_keys().collect::<BTreeSet<PathBuf>>())
    };
    let mut common = &reached(ALTERNATIVES[0])? & &reached(ALTERNATIVES[1])?;
    let alone = reached(ALONE)?;
    for (_, first, _) in FILES.iter().filter(|(_, first, _)| *first != ALONE) {
        common.extend(alone.intersection(&reached(first)?).cloned());
    }
    let mut places = BTreeMap::new();
    let mut joined = Vec::new();
    for (index, (_, first, _)) in FILES.iter().enumerate() {
        let mut file = Joined { app: &app, index, places, imported: BTreeMap::new(), text: String::new() };
        for module in common.iter().filter(|_| index == 0) {
            file.add(module)?;
        }
        file.add(&app.join(first))?;
        places = file.places;
        joined.push((file.imported, file.text));
    }
    let mut exported: Vec<BTreeSet<String>> =
        FILES.iter().map(|(.., names)| names.iter().map(|&name| name.to_owned()).collect()).collect();
    for (imported, _) in &joined {
        for (&from, names) in imported {
            exported[from].extend(names.iter().cloned());
        }
    }
    let mut files = BTreeMap::new();
    for (((name, ..), (imported, text)), exported) in FILES.iter().zip(joined).zip(exported) {
        let mut whole = String::new();
        for (from, names) in imported {
            writeln!(whole, "import {{ {} }} from \"./{}\";", list(&names), FILES[from].0)?;
        }
        whole.push_str(&text);
        writeln!(whole, "export {{ {} }};", list(&exported))?;
        files.insert((*name).to_owned(), whole);
    }
    Ok(files)
}

fn list(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

struct Joined<'a> {
    app: &'a Path,
    /// Which of `FILES` it is.
    index: usize,
    /// The file of each module that is in one.
    places: BTreeMap<PathBuf, usize>,
    /// Names that are imported from a file before this one.
    imported: BTreeMap<usize, BTreeSet<String>>,
    text: String,
}

impl Joined<'_> {
    fn add(&mut self, module: &Path) -> anyhow::Result<()> {
        if self.places.contains_key(module) {
            return Ok(());
        }
        self.places.insert(module.to_owned(), self.index);
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
        if !path.starts_with(self.app) {
            let outside = path.strip_prefix(self.app.parent().context("app is in a folder")?)?;
            return Ok(statement.replace(named, &format!("./{}", outside.display())));
        }
        if let Some(&from) = self.places.get(&path).filter(|&&from| from != self.index) {
            let list = statement.split(['{', '}']).nth(1).context("an import names what it imports")?;
            let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
            self.imported.entry(from).or_default().extend(names.map(str::to_owned));
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
