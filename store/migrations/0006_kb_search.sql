CREATE INDEX support_kb_articles_words ON usher.support_kb_articles USING gin (usher.ticket_words(title, body));
