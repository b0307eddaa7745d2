//! All objects of one kind, page by page.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::api::{Api, Refusal, encoded};
use super::discovery::Resource;

/// How many objects one page has.
const PAGE: usize = 500;
/// How many objects of one kind are looked at.
const MOST: usize = 1_000_000;

/// How a list ended.
#[derive(Debug)]
pub(super) enum Listed {
    /// Everything was read.
    All,
    /// Something was read, and the rest was not: why.
    Part(String),
}

#[derive(Deserialize)]
struct Page<'t> {
    // Of a list without items some servers say null.
    #[serde(borrow, default)]
    items: Option<Vec<&'t RawValue>>,
    #[serde(default)]
    metadata: ListMeta,
}

#[derive(Default, Deserialize)]
struct ListMeta {
    #[serde(rename = "continue", default)]
    next: String,
}

/// One list that is being read.
pub(super) struct Listing<'a> {
    api: &'a Api,
    path: String,
    page: usize,
    count: usize,
}

impl<'a> Listing<'a> {
    pub(super) fn new(api: &'a Api, resource: &Resource, namespace: Option<&str>) -> Self {
        let within = namespace.map_or(String::new(), |name| format!("namespaces/{}/", encoded(name)));
        let path = format!("{}/{within}{}", resource.base(), encoded(&resource.name));
        Listing { api, path, page: PAGE, count: 0 }
    }

    /// Gives every object's text to `take`. A list that expires is read again from its beginning, once: `take`
    /// then sees objects twice.
    ///
    /// # Errors
    /// When nothing was read.
    pub(super) async fn each(&mut self, mut take: impl FnMut(&str)) -> Result<Listed, Refusal> {
        let (mut next, mut again) = (String::new(), false);
        loop {
            let text = match self.one(&next).await {
                Ok(text) => text,
                Err(Refusal::TooLarge) if self.page > 1 => {
                    // Ten objects of the largest size fit.
                    self.page = (self.page / 5).max(1);
                    continue;
                }
                Err(Refusal::Expired) if !again => {
                    (next, again) = (String::new(), true);
                    continue;
                }
                Err(refusal) => return self.ended(refusal),
            };
            let Ok(page) = serde_json::from_slice::<Page<'_>>(&text) else { return self.ended(Refusal::Odd) };
            let items = page.items.unwrap_or_default();
            for item in &items {
                take(item.get());
            }
            self.count += items.len();
            if page.metadata.next.is_empty() {
                return Ok(Listed::All);
            }
            if page.metadata.next == next || items.is_empty() {
                return self.ended(Refusal::Odd);
            }
            if self.count > MOST {
                return Ok(Listed::Part(format!("only the first {MOST} objects were looked at")));
            }
            next = page.metadata.next;
        }
    }

    async fn one(&self, next: &str) -> Result<Vec<u8>, Refusal> {
        let from = if next.is_empty() { String::new() } else { format!("&continue={}", encoded(next)) };
        self.api.get(&format!("{}?limit={}{from}", self.path, self.page)).await
    }

    fn ended(&self, refusal: Refusal) -> Result<Listed, Refusal> {
        match self.count {
            0 => Err(refusal),
            count => Ok(Listed::Part(format!("not all were looked at, only {count}: {}", refusal.words()))),
        }
    }
}
