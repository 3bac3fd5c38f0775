create table t(a int, b int, constraint u1 unique(a), constraint c1 check (a>0), constraint f1 foreign key (b) references t(a));
create index i1 on t(b);
create index i2 on t(a,b);
alter table t cluster on i1;
alter table t alter a set not null;
alter table t replica identity using index u1;
create unique index x1 on t(a);
-- becomes
create table t(a int, b int, constraint u2 unique(a), constraint c2 check (a>0), constraint f2 foreign key (b) references t(a));
create index i9 on t(b);
create unique index i2 on t(a,b desc nulls last) include (b) with (fillfactor=50) where a > 3;
alter table t cluster on i9;
alter table t alter a set not null;
alter table t replica identity full;
alter table t add constraint x1 unique (a);
