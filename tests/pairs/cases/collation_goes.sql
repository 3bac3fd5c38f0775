create collation c (provider=icu, locale='de');
create table t(a text collate c);
-- becomes
create collation d (provider=icu, locale='sv');
create table t(a text collate d, b text collate d);
