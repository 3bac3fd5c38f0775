create table t(a varchar(10), check (a in ('x','y')), b varchar(5) check (b in ('x') and a like 'b%'));
-- becomes
create table t(a text, check (a in ('x','y')), b varchar(50) check (b in ('x') and a like 'b%'));
create index i on t(lower(b)) where a in ('p','q');
