use crate::content::Content;

/// The mail as plain text, whose lines end in LF.
pub(crate) fn plain_text(content: &Content) -> String {
    let mut blocks = vec![content.greeting.clone()];
    blocks.extend(content.paragraphs.iter().map(|text| text.replace("\r\n", "\n").replace('\r', "\n")));
    if !content.facts.is_empty() {
        let facts = content.facts.iter().map(|(name, value)| format!("{name}: {value}"));
        blocks.push(facts.collect::<Vec<_>>().join("\n"));
    }
    blocks.extend(content.actions.iter().map(|(name, url)| format!("{name}:\n{url}")));
    // The mark that programs know a signature by (RFC 3676 §4.3).
    let mut footer = format!("-- \n{}", content.footer);
    if let Some((unsubscribe, url)) = &content.unsubscribe {
        footer.push_str(&format!("\n{unsubscribe}: {url}"));
    }
    blocks.push(footer);
    let mut text = blocks.join("\n\n");
    text.push('\n');
    text
}
