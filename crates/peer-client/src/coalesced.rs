use std::{
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};
use parking_lot::Mutex;
use tracing::Instrument;

/// Asks once for all who ask the same at the same time. An answer is never older than the question of anybody who gets it:
/// whoever comes while the question is on its way waits until that is answered, and asks the next one together with all
/// others who have come meanwhile. So a crowd costs two questions at a time, and whoever is alone asks at once.
///
/// Who asks and for how much has to be part of the key. The question goes out under the Case-ID of the first who asked.
#[derive(Clone)]
pub struct Coalesced<K, V> {
    /// The last question of each key that somebody waits for.
    questions: Arc<Mutex<HashMap<K, Question<V>>>>,
}

struct Question<V> {
    is_on_its_way: Arc<AtomicBool>,
    /// Those who wait keep it alive.
    answer: WeakShared<BoxFuture<'static, V>>,
}

impl<K, V> Default for Coalesced<K, V> {
    fn default() -> Coalesced<K, V> {
        Coalesced { questions: Arc::default() }
    }
}

impl<K: Clone + Eq + Hash, V: Clone + Send + Sync + 'static> Coalesced<K, V> {
    /// The answer to what `ask` asks, or to the same as others ask it from now on.
    pub async fn ask(&self, key: K, ask: impl Future<Output = V> + Send + 'static) -> V {
        let (is_on_its_way, answer) = self.join(&key, ask);
        // It is dropped after the answer, and so sees whether others wait for that.
        let _leaving = Leaving { coalesced: self, key, is_on_its_way };
        answer.await
    }

    fn join(
        &self,
        key: &K,
        ask: impl Future<Output = V> + Send + 'static,
    ) -> (Arc<AtomicBool>, Shared<BoxFuture<'static, V>>) {
        let mut questions = self.questions.lock();
        let last = questions.get(key).and_then(|last| Some((&last.is_on_its_way, last.answer.upgrade()?)));
        let before = match last {
            Some((is_on_its_way, answer)) if !is_on_its_way.load(Ordering::SeqCst) => {
                return (is_on_its_way.clone(), answer);
            }
            last => last.map(|(_, answer)| answer),
        };
        let is_on_its_way = Arc::new(AtomicBool::new(false));
        let leaves = is_on_its_way.clone();
        let answer = async move {
            if let Some(before) = before {
                before.await;
            }
            leaves.store(true, Ordering::SeqCst);
            ask.await
        };
        let answer = answer.in_current_span().boxed().shared();
        if let Some(weak) = answer.downgrade() {
            questions.insert(key.clone(), Question { is_on_its_way: is_on_its_way.clone(), answer: weak });
        }
        (is_on_its_way, answer)
    }
}

/// Takes the question away once it is answered, or nobody waits for it any more.
struct Leaving<'a, K: Eq + Hash, V> {
    coalesced: &'a Coalesced<K, V>,
    key: K,
    is_on_its_way: Arc<AtomicBool>,
}

impl<K: Eq + Hash, V> Drop for Leaving<'_, K, V> {
    fn drop(&mut self) {
        let mut questions = self.coalesced.questions.lock();
        let Some(last) = questions.get(&self.key) else { return };
        let is_own = Arc::ptr_eq(&last.is_on_its_way, &self.is_on_its_way);
        if is_own && last.answer.upgrade().is_none_or(|answer| answer.peek().is_some()) {
            questions.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::{future::join_all, poll};
    use tokio::sync::{Semaphore, mpsc};

    use super::*;

    /// Something that is asked, and answers with how often it was when it is let.
    #[derive(Clone)]
    struct Peer {
        asked: mpsc::UnboundedSender<()>,
        answers: Arc<Semaphore>,
        count: Arc<Mutex<usize>>,
        coalesced: Coalesced<&'static str, usize>,
    }

    impl Peer {
        fn new() -> (Peer, mpsc::UnboundedReceiver<()>) {
            let (asked, questions) = mpsc::unbounded_channel();
            let answers = Arc::new(Semaphore::new(0));
            (Peer { asked, answers, count: Arc::default(), coalesced: Coalesced::default() }, questions)
        }

        async fn ask(&self, key: &'static str) -> usize {
            let peer = self.clone();
            let ask = async move {
                let number = {
                    let mut count = peer.count.lock();
                    *count += 1;
                    *count
                };
                peer.asked.send(()).unwrap();
                peer.answers.acquire().await.unwrap().forget();
                number
            };
            self.coalesced.ask(key, ask).await
        }

        fn is_forgotten(&self) -> bool {
            self.coalesced.questions.lock().is_empty()
        }
    }

    #[tokio::test]
    async fn those_who_come_while_one_is_on_its_way_share_the_next() {
        let (peer, mut questions) = Peer::new();
        let mut first = Box::pin(peer.ask("a"));
        assert!(poll!(&mut first).is_pending());
        questions.recv().await.unwrap();
        let mut others: Vec<_> = (0..20).map(|_| Box::pin(peer.ask("a"))).collect();
        for other in &mut others {
            assert!(poll!(other).is_pending());
        }
        assert!(questions.try_recv().is_err(), "one at a time");
        peer.answers.add_permits(2);
        assert_eq!(first.await, 1);
        assert_eq!(join_all(others).await, [2; 20]);
        assert!(peer.is_forgotten());
    }

    #[tokio::test]
    async fn other_questions_do_not_wait() {
        let (peer, mut questions) = Peer::new();
        let (mut one, mut other) = (Box::pin(peer.ask("a")), Box::pin(peer.ask("b")));
        assert!(poll!(&mut one).is_pending() && poll!(&mut other).is_pending());
        questions.recv().await.unwrap();
        questions.recv().await.unwrap();
        peer.answers.add_permits(2);
        one.await;
        other.await;
        assert!(peer.is_forgotten());
    }

    #[tokio::test]
    async fn whoever_leaves_takes_nothing_away_from_others() {
        let (peer, mut questions) = Peer::new();
        let mut first = Box::pin(peer.ask("a"));
        assert!(poll!(&mut first).is_pending());
        questions.recv().await.unwrap();
        let (mut second, mut third) = (Box::pin(peer.ask("a")), Box::pin(peer.ask("a")));
        assert!(poll!(&mut second).is_pending() && poll!(&mut third).is_pending());
        drop(first);
        drop(second);
        peer.answers.add_permits(2);
        assert_eq!(third.await, 2);
        assert!(peer.is_forgotten());
        let mut alone = Box::pin(peer.ask("a"));
        assert!(poll!(&mut alone).is_pending());
        drop(alone);
        assert!(peer.is_forgotten(), "nobody waits for it");
    }
}
