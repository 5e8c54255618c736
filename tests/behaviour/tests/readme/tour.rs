//! The commands of the README, and what it says that they print.

/// A block of commands, and the block of JSON after it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) commands: String,
    pub(crate) prints: Option<String>,
}

impl Step {
    /// Whether nothing but `GET` is sent.
    pub(crate) fn only_reads(&self) -> bool {
        !self.commands.split_whitespace().any(|word| ["-d", "-X", "--data-binary"].contains(&word))
    }
}

/// The steps in these sections of a document, in its order.
pub(crate) fn steps(text: &str, sections: &[&str]) -> Vec<Step> {
    let mut found: Vec<Step> = Vec::new();
    let (mut inside, mut block) = (false, None);
    for line in text.lines() {
        match (&mut block, line.strip_prefix("```")) {
            (None, Some(language)) => block = Some((language.to_owned(), String::new())),
            (Some(_), Some(_)) => {
                let (language, lines) = block.take().unwrap_or_default();
                match (language.as_str(), found.last_mut()) {
                    ("sh", _) if inside => found.push(Step { commands: lines, prints: None }),
                    ("json", Some(step)) if inside => step.prints = Some(lines),
                    _ => (),
                }
            }
            (Some((_, lines)), None) => lines.extend([line, "\n"]),
            (None, None) => {
                if let Some(heading) = line.strip_prefix("## ") {
                    inside = sections.contains(&heading);
                }
            }
        }
    }
    found
}

#[test]
fn steps_are_found_in_the_sections_that_are_asked_for() {
    let text = "## A\n```sh\nnot this\n```\n## B\ntext\n```sh\n# a comment\ncurl x\n```\nprints\n```json\n{}\n```\n```sh\ncurl -d x\n```\n";
    let step = |commands: &str, prints: Option<&str>| Step {
        commands: commands.to_owned(),
        prints: prints.map(str::to_owned),
    };
    let found = steps(text, &["B"]);
    assert_eq!(found, [step("# a comment\ncurl x\n", Some("{}\n")), step("curl -d x\n", None)]);
    assert_eq!(found.iter().map(Step::only_reads).collect::<Vec<_>>(), [true, false]);
}
