with mentions as (
    select * from {{ ref('int_mentions') }}
),

works as (
    select * from {{ ref('stg_works') }}
    where is_latest
),

credit_lines as (
    select * from {{ ref('int_credit_lines') }}
    where function = 'composer'
),

reference_aliases as (
    select
        composer_id as reference_id,
        alias,
        kind
    from {{ ref('composer_aliases') }}
    union all
    select
        composer_id as reference_id,
        name as alias,
        'canonical' as kind
    from {{ ref('composers') }}
),

composers as (
    select * from {{ ref('composers') }}
),

authors as materialized (
    select
        {{ normalised('name') }} as author_key,
        min(kind collate "C") as kind
    from {{ ref('authors') }}
    group by {{ normalised('name') }}
),

-- "Direttore …", "Choreografie …": a label says that who follows did something else.
labels as materialized (
    select distinct {{ normalised('label') }} as label_key
    from {{ ref('credit_labels') }}
    where function not like '%composer%' and label !~ ' ' and length(label) >= 5
),

prose_words as materialized (
    select string_agg({{ normalised('word') }}, '|') as words
    from {{ ref('name_words') }}
    where kind in ('not_name', 'ensemble')
),

keyed_aliases as materialized (
    select
        {{ normalised('alias') }} as alias_key,
        reference_id,
        kind
    from reference_aliases
),

aliases as materialized (
    select
        alias_key,
        min(reference_id collate "C") as reference_id
    from keyed_aliases
    group by alias_key
    having count(distinct reference_id) = 1
),

folded_aliases as materialized (
    select
        folded_key,
        min(reference_id collate "C") as reference_id
    from (
        select
            reference_id,
            {{ compact(folded('alias_key')) }} as folded_key
        from keyed_aliases
        where kind in ('canonical', 'variant') and alias_key like '% %'
    ) as folded
    group by folded_key
    having count(distinct reference_id) = 1
),

-- "Дж. Верди": a surname only one composer has, and initials of that composer's given names.
surnames as (
    select
        surname,
        min(reference_id collate "C") as reference_id
    from (
        select
            reference_id,
            {{ folded('alias_key') }} as surname
        from keyed_aliases
        where kind = 'surname'
    ) as folded
    group by surname
    having count(distinct reference_id) = 1
),

initials as (
    select distinct
        keyed_aliases.reference_id,
        left(word.word, 1) as initial
    from keyed_aliases
    cross join lateral regexp_split_to_table({{ folded('keyed_aliases.alias_key') }}, ' ') as word (word)
),

names as (
    select composer from mentions
    union all
    select composer from works
    union all
    select name as composer from credit_lines
),

-- Bills name one composer per work: "Mascagni / Leoncavallo".
printed as (
    select distinct part.printed
    from names
    cross join
        lateral (  -- noqa: ST05
            select names.composer as printed
            union all
            select regexp_split_to_table(names.composer, '\s*[/|&+]\s*') as printed
        ) as part
    where part.printed <> ''
),

cleaned as (
    select
        printed,
        {{ normalised('printed') }} as whole_key,
        {{ composer_name('printed') }} as cleaned_name
    from printed
),

keyed as materialized (
    select
        printed,
        whole_key,
        cleaned_name,
        {{ normalised('cleaned_name') }} as stripped_key
    from cleaned
),

folded_names as materialized (
    select
        printed,
        {{ folded('stripped_key') }} as folded_key
    from keyed
),

exact as materialized (
    select
        keyed.printed,
        keyed.whole_key,
        keyed.cleaned_name,
        keyed.stripped_key,
        coalesce(by_whole.reference_id, by_stripped.reference_id) as reference_id
    from keyed
    left join aliases as by_whole on keyed.whole_key = by_whole.alias_key
    left join aliases as by_stripped on keyed.stripped_key = by_stripped.alias_key
),

-- Prose around a name: exactly one full name of the reference stands in it.
contained as (
    select
        exact.printed,
        min(aliases.reference_id collate "C") as reference_id
    from exact
    cross join {{ spans('exact.whole_key') }} as spans
    inner join aliases on spans.span = aliases.alias_key
    where exact.reference_id is null
    group by exact.printed
    having count(distinct aliases.reference_id) = 1
),

-- Another alphabet or spelling of a full name.
sounding as (
    select
        folded_names.printed,
        folded_aliases.reference_id
    from folded_names
    inner join folded_aliases on {{ compact('folded_names.folded_key') }} = folded_aliases.folded_key
),

-- "Дж. Верди": only initials before a surname.
initialled as materialized (
    select
        printed,
        regexp_replace(folded_key, '^(\S{1,2} )+', '') as surname,
        regexp_split_to_array(substring(folded_key from '^((\S{1,2} )+)'), ' ') as given
    from folded_names
    where folded_key ~ '^\S{1,2} '
),

abbreviated as (
    select
        initialled.printed,
        surnames.reference_id
    from initialled
    inner join surnames on initialled.surname = surnames.surname
    where
        not exists (
            select 1
            from unnest(initialled.given) as given (word)
            where
                given.word <> ''
                and not exists (
                    select 1 from initials
                    where initials.reference_id = surnames.reference_id and initials.initial = left(given.word, 1)
                )
        )
),

-- Who follows a label of another function did that.
labelled as (
    select distinct exact.printed
    from exact
    cross join lateral string_to_table(exact.stripped_key, ' ') as word (word)
    inner join labels on word.word = labels.label_key
),

authors_contained as (
    select
        spelled.printed,
        min(authors.kind collate "C") as kind
    from (
        select
            printed,
            stripped_key as author_key
        from exact
        union all
        select
            exact.printed,
            spans.span as author_key
        from exact
        cross join {{ spans('exact.stripped_key') }} as spans
    ) as spelled
    inner join authors on spelled.author_key = authors.author_key
    group by spelled.printed
),

resolved as (
    select
        exact.printed,
        exact.cleaned_name,
        exact.stripped_key,
        exact.whole_key,
        authors_contained.kind as author_kind,
        coalesce(exact.reference_id, contained.reference_id, sounding.reference_id, abbreviated.reference_id)
            as reference_id,
        composers.name as reference_name,
        case
            when exact.reference_id is not null and exact.whole_key = {{ normalised('composers.name') }}
                then 'reference'
            when exact.reference_id is not null then 'alias'
            when composers.composer_id is not null then 'normalised'
            else 'provisional'
        end as resolution,
        case
            when exact.reference_id is not null then 1.00
            when sounding.reference_id is not null then 0.90
            when composers.composer_id is not null then 0.80
            else 0.50
        end::numeric(3, 2) as resolution_score
    from exact
    left join contained on exact.printed = contained.printed
    left join sounding on exact.printed = sounding.printed
    left join abbreviated on exact.printed = abbreviated.printed
    left join authors_contained on exact.printed = authors_contained.printed
    left join composers
        on
            coalesce(exact.reference_id, contained.reference_id, sounding.reference_id, abbreviated.reference_id)
            = composers.composer_id
),

-- What is no name says nothing about who composed: digits, a sentence, a word no name contains, "(subtitle)".
named as (
    select
        resolved.*,
        case
            when resolved.reference_id is not null then 'composer'
            when resolved.author_kind is not null then resolved.author_kind
            when
                resolved.stripped_key <> ''
                and resolved.stripped_key !~ '[0-9]'
                and resolved.stripped_key !~ '^\S+( \S+){5,}$'
                and resolved.stripped_key !~ ('(^| )(' || prose_words.words || ')( |$)')
                and resolved.cleaned_name !~ '^[[:lower:]]'
                -- "Somebody Musik von …": whoever stands first did not write the music.
                and resolved.whole_key !~ '\S (musik|music|musique|musica) (von|by|de|di) '
                and labelled.printed is null
                then 'composer'
            else 'prose'
        end as kind
    from resolved
    left join labelled on resolved.printed = labelled.printed
    cross join prose_words
),

identified as (
    select
        printed,
        whole_key,
        kind,
        reference_id,
        resolution,
        coalesce(reference_name, cleaned_name) as composer,
        resolution_score,
        case
            when kind <> 'composer' then null
            when reference_id is not null then {{ key('composer', ['reference_id']) }}
            else {{ key('composer_name', ['stripped_key']) }}
        end as composer_id
    from named
)

select * from identified
