use wire::Language;

use crate::content::Content;

const TEXT: &str = "margin:0 0 16px;font:16px/1.5 system-ui,sans-serif;color:#1b1b1f";
const BUTTON: &str = "display:inline-block;padding:12px 20px;border-radius:8px;background:#1d4ed8;color:#ffffff;\
                      font:600 16px/1.2 system-ui,sans-serif;text-decoration:none";
const SMALL: &str = "margin:24px 0 0;font:13px/1.5 system-ui,sans-serif;color:#5c5c66";

/// The mail as HTML that loads nothing. Whatever is in the texts is text.
pub(crate) fn html(content: &Content, language: Language) -> String {
    let mut html = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<title>{}</title>\n</head>\n\
         <body style=\"margin:0;padding:24px;max-width:600px\">\n",
        language.tag(),
        escape(&content.subject)
    );
    let mut line = |text: String| {
        html.push_str(&text);
        html.push('\n');
    };
    line(format!("<p style=\"{TEXT}\">{}</p>", escape(&content.greeting)));
    for text in &content.paragraphs {
        line(format!("<p style=\"{TEXT}\">{}</p>", with_breaks(text)));
    }
    for (name, value) in &content.facts {
        line(format!("<p style=\"{TEXT}\"><strong>{}:</strong> {}</p>", escape(name), escape(value)));
    }
    for (place, (name, url)) in content.actions.iter().enumerate() {
        let (url, name) = (escape(url), escape(name));
        line(match place {
            0 => format!("<p style=\"{TEXT}\"><a style=\"{BUTTON}\" href=\"{url}\">{name}</a></p>"),
            _ => format!("<p style=\"{TEXT}\"><a href=\"{url}\">{name}</a></p>"),
        });
    }
    let unsubscribe = content
        .unsubscribe
        .as_ref()
        .map(|(unsubscribe, url)| format!("<br>\n<a href=\"{}\">{}</a>", escape(url), escape(unsubscribe)));
    let footer = escape(content.footer);
    line(format!("<p style=\"{SMALL}\">{footer}{}</p>", unsubscribe.unwrap_or_default()));
    line("</body>\n</html>".to_owned());
    html
}

fn with_breaks(text: &str) -> String {
    escape(text).replace("\r\n", "\n").replace(['\r', '\n'], "<br>\n")
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}
