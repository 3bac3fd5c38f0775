create table o(id int primary key);
create table p(a int not null, b int references o, c text default 'x' check (length(c) < 5), primary key (a)) partition by range(a);
create table p1 partition of p for values from (0) to (10);
create table p2 partition of p for values from (10) to (20);
create index on p(b);
-- becomes
create table o(id int primary key);
create table p(a int not null, b int references o, c text default 'x' check (length(c) < 5), primary key (a)) partition by range(a);
create table p1(a int not null, b int, c text default 'x' check (length(c) < 7), primary key (a));
create table p2 partition of p for values from (10) to (30);
create index on p(b);
create index p1i on p1(b, c);
