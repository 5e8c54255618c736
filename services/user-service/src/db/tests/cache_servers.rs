//! What the replicas agree on about the servers of the cache.

use super::*;

async fn agreed(people: &People) -> (i64, String, bool) {
    let agreed = people.cache_servers().await.unwrap().unwrap();
    (agreed.agreement, agreed.servers, agreed.is_clean)
}

#[tokio::test]
async fn each_change_of_the_servers_is_an_agreement_of_its_own_that_has_to_be_cleaned_for() {
    for database in TestDatabase::both().await {
        let people = People::new(database.open().await);
        assert_eq!(people.cache_servers().await.unwrap(), None);
        people.agree_on_cache_servers("a b").await.unwrap();
        assert_eq!(agreed(&people).await, (1, "a b".to_owned(), false));
        people.cache_servers_are_clean(1).await.unwrap();
        people.agree_on_cache_servers("a b").await.unwrap();
        assert_eq!(agreed(&people).await, (1, "a b".to_owned(), true), "they are agreed on already");
        people.agree_on_cache_servers("a c").await.unwrap();
        assert_eq!(agreed(&people).await, (2, "a c".to_owned(), false));
        people.agree_on_cache_servers("a b").await.unwrap();
        people.cache_servers_are_clean(1).await.unwrap();
        assert_eq!(
            agreed(&people).await,
            (3, "a b".to_owned(), false),
            "it is not the first agreement again"
        );
    }
}
