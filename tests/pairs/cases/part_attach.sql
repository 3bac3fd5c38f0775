create table o(id int primary key);
create table p(a int not null, b int references o, c text default 'x' check (length(c) < 5), primary key (a)) partition by range(a);
create table p1(a int, c varchar(3));
create index on p(b);
-- becomes
create table o(id int primary key);
create table p(a int not null, b int references o, c text default 'x' check (length(c) < 5), primary key (a)) partition by range(a);
create table p1 partition of p for values from (0) to (10);
create index on p(b);
create unique index pu on p(a, b);
