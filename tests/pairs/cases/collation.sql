create collation c (provider=icu, locale='de');
create table t(a text collate c, b text);
create index i on t(a);
create index j on t(b collate c);
-- becomes
create collation c (provider=icu, locale='sv');
create table t(a text collate c, b text collate "C");
create index i on t(a);
create index j on t(b collate c);
