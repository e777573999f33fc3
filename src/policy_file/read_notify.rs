//! Reading an entry of `notify`.

use std::collections::BTreeMap;

use super::keys;
use super::notify::{Notify, NotifyFormat, Recipient, topic_region};
use super::read_invokers::is_account;
use super::reader::Reader;
use super::selector::Selector;
use super::suggest::unknown;
use crate::yaml::Node;

impl Reader {
    pub(super) fn notify(&mut self, node: &Node) -> Option<Notify> {
        let [matched, topic, format] = self.fields(node, "an entry of `notify`", keys::NOTIFY)?;
        let topic = match topic {
            Some(topic) => self.topic(topic),
            None => self.refuse(node, "no `topic`: the ARN of the owner's SNS topic"),
        };
        let format = match format {
            Some(format) => self.notify_format(format),
            None => Some(NotifyFormat::default()),
        };
        let Some(matched) = matched else {
            return self.refuse(
                node,
                "no `match`: say what is theirs, by `tags`, `api`, `api-id`, `region` or `account`",
            );
        };
        let (accounts, selector) = self.notify_match(matched)?;
        let entry = Notify {
            accounts,
            selector,
            recipient: Recipient {
                topic: topic?,
                format: format?,
            },
            line: node.line,
        };
        if entry.meets_everything() {
            return self.refuse(
                matched,
                "this entry would send an owner everything: narrow it, or subscribe to the topic of the digests",
            );
        }
        self.once(node, &entry);
        Some(entry)
    }

    /// A topic has one format, however many entries name it.
    fn once(&mut self, node: &Node, entry: &Notify) {
        let Recipient { topic, format } = &entry.recipient;
        let known = self
            .topics
            .entry(topic.clone())
            .or_insert((*format, entry.line));
        let (other, line) = *known;
        if other != *format {
            let other = other.as_str();
            self.add(
                node,
                format!(
                    "the topic `{topic}` has the format `{other}` on line {line}: a topic has one"
                ),
            );
        }
    }

    fn topic(&mut self, node: &Node) -> Option<String> {
        let text = self.text(node, "`topic`")?;
        if topic_region(&text).is_some() {
            return Some(text);
        }
        self.refuse(
            node,
            format!(
                "`{text}` is no topic's ARN: they look like arn:aws:sns:eu-west-1:111122223333:payments"
            ),
        )
    }

    fn notify_format(&mut self, node: &Node) -> Option<NotifyFormat> {
        let text = self.text(node, "`format`")?;
        let mut all = NotifyFormat::ALL.into_iter();
        all.find(|it| it.as_str() == text).or_else(|| {
            let known = NotifyFormat::ALL.map(NotifyFormat::as_str);
            self.refuse(node, unknown(&format!("format `{text}`"), &known, &text))
        })
    }

    /// The accounts and the APIs of a `match`.
    fn notify_match(&mut self, node: &Node) -> Option<(Vec<String>, Selector)> {
        let [account, region, api, api_id, tags] =
            self.fields(node, "`match` of `notify`", keys::NOTIFY_MATCH)?;
        let accounts = self.caller_ids(
            account,
            "`account`",
            is_account,
            "account's id: twelve digits, in quotes",
        );
        let selector = Selector {
            region: self.optional_texts(region, "`region`"),
            api: self.optional_texts(api, "`api`"),
            api_id: api_id.map_or_else(Vec::new, |it| self.api_ids(it)),
            tags: tags.map_or_else(BTreeMap::new, |it| self.tags(it)),
            ..Selector::default()
        };
        Some((accounts, selector))
    }
}
