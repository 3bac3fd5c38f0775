create table bill(day date not null, no int not null) partition by range (day);
create table bill_1 partition of bill for values from ('2020-01-01') to ('2021-01-01');
create table bill_2 partition of bill for values from ('2021-01-01') to ('2022-01-01');
alter table only bill add constraint bill_no unique (day, no);
alter table bill_1 add constraint bill_1_no unique (day, no);
alter table bill_2 add constraint bill_2_no unique (day, no);
alter index bill_no attach partition bill_1_no;
alter index bill_no attach partition bill_2_no;
create unique index bill_key on only bill(no, day);
alter table bill_1 add constraint bill_1_pkey primary key (no, day);
alter index bill_key attach partition bill_1_pkey;
-- becomes
create table bill(day date not null, no int not null) partition by range (day);
create table bill_1 partition of bill for values from ('2020-01-01') to ('2021-01-01');
create table bill_2 partition of bill for values from ('2021-01-01') to ('2022-01-01');
alter table only bill add constraint bill_no unique (day, no);
create unique index bill_1_no on bill_1(day, no);
alter table bill_2 add constraint bill_2_no unique (day, no);
alter index bill_no attach partition bill_2_no;
