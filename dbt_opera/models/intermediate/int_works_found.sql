with mentioned as (
    select * from {{ ref('int_titles_mentioned') }}
),

composers as (
    select * from {{ ref('int_composers') }}
),

titles as (
    select * from {{ ref('int_titles') }}
),

title_works as (
    select * from {{ ref('int_title_works') }}
),

reference_works as (
    select * from {{ ref('opera_works') }}
),

facts as (
    select * from {{ ref('int_mention_facts') }}
),

reference_roles as (
    select
        work_id,
        {{ normalised('role') }} as role_key
    from {{ ref('opera_roles') }}
),

reference_titles as (
    select
        work_id,
        {{ normalised('alias') }} as title_key
    from {{ ref('opera_work_aliases') }}
    union
    select
        work_id,
        {{ normalised('title') }} as title_key
    from reference_works
),

other_titles as (
    select distinct title_key from reference_titles
),

own_names as (
    select
        work_id,
        {{ normalised('title') }} as title_key
    from reference_works
    union
    select
        work_id,
        {{ normalised('title_en') }} as title_key
    from reference_works
),

surnames as (
    select
        composer_id as reference_id,
        {{ normalised("regexp_replace(sort_name, ',.*$', '')") }} as surname
    from {{ ref('composers') }}
),

-- What else goes by a title: ballets, plays, musicals, with who is named beside it.
other_works as (
    select
        {{ normalised('title') }} as title_key,
        {{ normalised("regexp_replace(creator, '^.* ', '')") }} as creator_key,
        genre
    from {{ ref('other_works') }}
),

-- The composer of the bill is the composer of its only work; of several works only where the reference agrees.
composers_named as (
    select
        mentioned.*,
        titles.title_key,
        titles.composer_reference_id as signed_reference_id,
        coalesce(titles.form, own_titles.form) as form,
        titles.is_adaptation or coalesce(own_titles.is_adaptation, false) as is_adaptation,
        titles.is_after_another,
        titles.has_own_subtitle and other_titles.title_key is null as has_own_subtitle,
        own.composer_id as printed_composer_id,
        own.reference_id as printed_reference_id,
        own.composer as printed_composer,
        own.kind as composer_kind,
        own.whole_key as composer_key,
        bill.reference_id as bill_reference_id,
        coalesce(facts.has_conductor, false) as has_conductor,
        coalesce(facts.credited_keys, '{}') as credited_keys,
        coalesce(facts.choreographer_keys, '{}') as choreographer_keys,
        coalesce(facts.role_keys, '{}') as role_keys
    from mentioned
    inner join titles on mentioned.title = titles.printed
    left join other_titles on titles.subtitle_key = other_titles.title_key
    left join facts on mentioned.mention_id = facts.mention_id
    left join titles as own_titles on mentioned.production_title = own_titles.printed
    left join composers as own
        on own.printed = coalesce(
                mentioned.own_composer, case when mentioned.works_count = 1 then mentioned.bill_composer end
            )
    left join composers as bill on mentioned.bill_composer = bill.printed
),

-- Which works of that title have the roles that are sung here.
cast_works as (
    select
        composers_named.mention_id,
        composers_named.ordinal,
        title_works.work_id,
        count(distinct sung.role_key) as roles_count
    from composers_named
    inner join title_works on composers_named.title = title_works.printed
    inner join reference_roles on title_works.work_id = reference_roles.work_id
    inner join lateral unnest(composers_named.role_keys) as sung (role_key)
        on
            ' ' || reference_roles.role_key || ' ' like '% ' || sung.role_key || ' %'
            or ' ' || sung.role_key || ' ' like '% ' || reference_roles.role_key || ' %'
    where composers_named.printed_reference_id is null
    group by composers_named.mention_id, composers_named.ordinal, title_works.work_id
    having count(distinct sung.role_key) >= 2
),

by_cast as (
    select distinct on (mention_id, ordinal)
        mention_id,
        ordinal,
        work_id,
        roles_count
    from cast_works
    order by mention_id, ordinal, roles_count desc, work_id collate "C"
),

-- "Show Boat" by "Kern", "Mahagonny" by "Weill / Brecht": a surname alone, of a composer of a work of that title.
by_surname as (
    select
        composers_named.mention_id,
        composers_named.ordinal,
        min(title_works.work_id collate "C") as work_id
    from composers_named
    inner join title_works on composers_named.title = title_works.printed
    inner join surnames on title_works.composer_reference_id = surnames.reference_id
    cross join
        lateral regexp_split_to_table(
            coalesce(composers_named.own_composer, composers_named.bill_composer), '\s*[/|&+,]\s*'
        ) as part (printed)
    where composers_named.printed_reference_id is null and {{ normalised('part.printed') }} = surnames.surname
    group by composers_named.mention_id, composers_named.ordinal
    having count(distinct title_works.work_id) = 1
),

-- "Die Piraten" by "Penzance von …": a title that was cut where a composer was expected.
rejoined as (
    select
        composers_named.mention_id,
        composers_named.ordinal,
        min(reference_titles.work_id collate "C") as work_id
    from composers_named
    inner join reference_titles
        on
            starts_with(reference_titles.title_key, composers_named.title_key || ' ')
            and regexp_replace(
                substr(reference_titles.title_key, length(composers_named.title_key) + 2),
                '^(von|di|de|da|of|van|du|des) ',
                ''
            ) = substr(
                composers_named.composer_key,
                1,
                length(regexp_replace(
                    substr(reference_titles.title_key, length(composers_named.title_key) + 2),
                    '^(von|di|de|da|of|van|du|des) ', ''
                ))
            )
    where composers_named.printed_reference_id is null and composers_named.composer_key <> ''
    group by composers_named.mention_id, composers_named.ordinal
    having count(distinct reference_titles.work_id) = 1
),

others as (
    select distinct on (composers_named.mention_id, composers_named.ordinal)
        composers_named.mention_id,
        composers_named.ordinal,
        other_works.genre
    from composers_named
    inner join other_works
        on
            composers_named.title_key = other_works.title_key
            and (
                ' ' || composers_named.composer_key || ' ' like '% ' || other_works.creator_key || ' %'
                or (
                    composers_named.printed_composer_id is null
                    and not exists (
                        select 1 from title_works
                        where title_works.printed = composers_named.title
                    )
                )
            )
    order by composers_named.mention_id, composers_named.ordinal, other_works.genre
),

composed as (
    select
        composers_named.mention_id,
        composers_named.ordinal,
        composers_named.title,
        composers_named.title_pointer,
        composers_named.extent,
        composers_named.version,
        composers_named.company_id,
        composers_named.genre,
        composers_named.pick_rank,
        composers_named.title_key,
        composers_named.is_adaptation,
        composers_named.is_after_another,
        composers_named.has_own_subtitle,
        composers_named.composer_kind,
        others.genre as listed_genre,
        by_cast.work_id as cast_work_id,
        coalesce(by_surname.work_id, rejoined.work_id) as rejoined_work_id,
        composers_named.form,
        case
            when not is_credited.otherwise and by_surname.work_id is null then composers_named.printed_composer_id
        end as composer_id,
        coalesce(composers_named.printed_reference_id, composers_named.signed_reference_id) as composer_reference_id,
        case
            when not is_credited.otherwise and by_surname.work_id is null then composers_named.printed_composer
        end as composer,
        case when composers_named.printed_composer_id is null then composers_named.bill_reference_id end
            as bill_composer_reference_id,
        case
            when composers_named.genre in ('ballet', 'play', 'concert') then composers_named.genre
            when others.genre in ('ballet', 'play', 'concert') then others.genre
            when coalesce(by_cast.work_id, by_surname.work_id, composers_named.printed_reference_id) is not null
                then null
            when
                composers_named.composer_kind = 'choreographer'
                or is_credited.as_choreographer
                then 'ballet'
            when composers_named.composer_kind = 'playwright' and not composers_named.has_conductor then 'play'
        end as other_genre
    from composers_named
    -- Who directs, dances or conducts here is printed as composer by mistake, unless the reference knows a composer.
    cross join
        lateral (  -- noqa: ST05
            select
                composers_named.printed_reference_id is null
                and composers_named.printed_composer_id is not null
                and exists (
                    select 1 from unnest(composers_named.credited_keys) as credited (name_key)
                    where
                        credited.name_key like '% %'
                        and ' ' || composers_named.composer_key || ' ' like '% ' || credited.name_key || ' %'
                ) as otherwise,
                composers_named.printed_reference_id is null
                and exists (
                    select 1 from unnest(composers_named.choreographer_keys) as credited (name_key)
                    where
                        credited.name_key like '% %'
                        and ' ' || composers_named.composer_key || ' ' like '% ' || credited.name_key || ' %'
                ) as as_choreographer
        ) as is_credited
    left join by_cast
        on composers_named.mention_id = by_cast.mention_id and composers_named.ordinal = by_cast.ordinal
    left join by_surname
        on composers_named.mention_id = by_surname.mention_id and composers_named.ordinal = by_surname.ordinal
    left join rejoined
        on composers_named.mention_id = rejoined.mention_id and composers_named.ordinal = rejoined.ordinal
    left join others
        on composers_named.mention_id = others.mention_id and composers_named.ordinal = others.ordinal
),

ranked_title_works as (
    select
        *,
        min(form_rank) over (partition by printed) as best_rank,
        min(form_rank) over (partition by printed, composer_reference_id) as best_rank_of_composer
    from title_works
),

-- The best form under which the reference knows the title, by one composer or by any.
by_composer as (
    select
        printed,
        composer_reference_id,
        min(work_id collate "C") as work_id,
        form_rank
    from ranked_title_works
    where form_rank = best_rank_of_composer
    group by printed, composer_reference_id, form_rank
    having count(*) = 1
),

-- Without a composer a title decides only where exactly one work bears it, and not by its subtitle …
only_title as (
    select
        printed,
        min(work_id collate "C") as work_id,
        form_rank
    from ranked_title_works
    where form_rank = best_rank and form_rank in (1, 2, 4, 5, 7, 8)
    group by printed, form_rank
    having count(*) = 1
),

beginnings as materialized (
    select distinct
        reference_titles.work_id,
        array_to_string(words.words[1:beginning.length], ' ') as title_key
    from reference_titles
    cross join lateral string_to_array(reference_titles.title_key, ' ') as words (words)
    cross join lateral generate_series(1, cardinality(words.words) - 1) as beginning (length)
),

-- … and a name that is not its own ("Ariadne") not where it may be short for another work's ("Ariadne auf Naxos").
by_title as (
    select only_title.*
    from only_title
    inner join titles on only_title.printed = titles.printed
    left join own_names on only_title.work_id = own_names.work_id and titles.title_key = own_names.title_key
    where
        own_names.work_id is not null
        or not exists (
            select 1 from beginnings
            where beginnings.title_key = titles.title_key and beginnings.work_id <> only_title.work_id
        )
),

looked_up as (
    select
        composed.*,
        -- The ballet of that title is another work, even by the same composer.
        case
            when composed.other_genre in ('ballet', 'play') then null
            else coalesce(
                    by_composer.work_id,
                    by_bill_composer.work_id,
                    case
                        when composed.composer_id is null and composed.other_genre is null
                            then coalesce(composed.rejoined_work_id, composed.cast_work_id, by_title.work_id)
                    end
                )
        end as own_reference_id,
        coalesce(by_composer.form_rank, by_bill_composer.form_rank, by_title.form_rank, 3) as form_rank,
        composed.other_genre in ('ballet', 'play') is not true
        and coalesce(by_composer.work_id, by_bill_composer.work_id) is not null as is_by_composer
    from composed
    left join by_composer
        on composed.title = by_composer.printed and composed.composer_reference_id = by_composer.composer_reference_id
    left join by_composer as by_bill_composer
        on
            composed.title = by_bill_composer.printed
            and composed.bill_composer_reference_id = by_bill_composer.composer_reference_id
    left join by_title on composed.title = by_title.printed
),

-- A title that names nobody is this house's: another house's evening of that title may be another work.
unresolved as (
    select
        *,
        case
            when composer_id is not null or other_genre in ('ballet', 'play')
                then {{ key('work_title', ['title_key', 'composer_id', 'other_genre']) }}
            else {{ key('work_title', ['title_key', 'company_id', 'other_genre']) }}
        end as unresolved_work_id
    from looked_up
),

identified as (
    select
        *,
        case
            when own_reference_id is not null then {{ key('work', ['own_reference_id']) }}
            else unresolved_work_id
        end as own_work_id
    from unresolved
),

-- What else the same company says about a work it calls so: a calendar that prints the bare title means the work whose
-- composer, or whose being a ballet, stands on the work's own page.
explained as (
    select
        company_id,
        title_key,
        min(own_work_id collate "C") as work_id
    from identified
    where composer_id is not null or is_by_composer or other_genre is not null
    group by company_id, title_key
    having count(distinct own_work_id) = 1
),

-- What all companies say about a work of that name, where they agree and the reference has it. A short title is too
-- many works' title, and what the reference does not have may be another work of that title.
explained_elsewhere as (
    select
        title_key,
        min(own_work_id collate "C") as work_id
    from identified
    where (composer_id is not null or is_by_composer) and length(title_key) >= 10 and title_key like '% %'
    group by title_key
    having count(distinct own_work_id) = 1 and bool_and(own_reference_id is not null)
),

described as (
    select distinct on (own_work_id)
        own_work_id,
        own_reference_id,
        composer_id,
        composer,
        other_genre
    from identified
    where composer_id is not null or is_by_composer or other_genre is not null
    order by own_work_id, pick_rank, ordinal
),

explanations as (
    select
        identified.mention_id,
        identified.ordinal,
        described.*,
        explained.work_id is null as is_from_elsewhere
    from identified
    left join explained
        on identified.company_id = explained.company_id and identified.title_key = explained.title_key
    left join explained_elsewhere
        on identified.title_key = explained_elsewhere.title_key and identified.own_reference_id is null
    inner join described on coalesce(explained.work_id, explained_elsewhere.work_id) = described.own_work_id
    where
        identified.composer_id is null
        and not identified.is_by_composer
        and identified.other_genre is null
),

resolved as (
    select
        identified.mention_id,
        identified.company_id,
        identified.ordinal,
        identified.title,
        identified.title_key,
        identified.title_pointer,
        identified.pick_rank,
        coalesce(identified.version, initcap(identified.form)) as version,
        identified.form,
        -- A title that a subtitle of its own follows ("Fidelio: Focus & Fade") names what was made of the work.
        coalesce(
            identified.extent,
            case
                when identified.is_adaptation then 'adaptation'
                when identified.own_reference_id is null or identified.form_rank in (1, 4, 7) then null
                when identified.is_after_another then 'adaptation'
                when identified.has_own_subtitle and identified.form_rank in (3, 6, 9) then 'adaptation'
            end
        ) as extent,
        identified.unresolved_work_id,
        identified.composer_id as printed_composer_id,
        identified.composer as printed_composer,
        identified.other_genre as printed_other_genre,
        coalesce(explanations.own_work_id, identified.own_work_id) as opera_work_id,
        case
            when explanations.own_work_id is not null then explanations.own_reference_id
            else identified.own_reference_id
        end as reference_id,
        case
            when explanations.own_work_id is not null then explanations.composer_id else identified.composer_id
        end as composer_id,
        case
            when explanations.own_work_id is not null then explanations.composer else identified.composer
        end as composer,
        case
            when explanations.own_work_id is not null then explanations.other_genre else identified.other_genre
        end as other_genre,
        identified.composer_reference_id,
        identified.listed_genre,
        identified.form_rank,
        identified.is_by_composer,
        explanations.own_work_id is not null as is_explained,
        coalesce(explanations.is_from_elsewhere, false) as is_explained_elsewhere
    from identified
    left join explanations
        on identified.mention_id = explanations.mention_id and identified.ordinal = explanations.ordinal
),

scored as (
    select
        resolved.*,
        reference_works.title as reference_title,
        case
            when resolved.reference_id is null then 'provisional'
            when resolved.form_rank = 1 and resolved.title_key = {{ normalised('reference_works.title') }}
                then 'reference'
            when resolved.form_rank = 1 then 'alias'
            else 'normalised'
        end as resolution,
        case
            when resolved.reference_id is null then 0.50
            when resolved.is_by_composer and resolved.form_rank = 1 then 1.00
            when resolved.is_by_composer then 0.90
            when resolved.is_explained_elsewhere then 0.70
            when resolved.is_explained then 0.90
            when resolved.form_rank = 1 then 0.80
            else 0.70
        end::numeric(3, 2) as resolution_score
    from resolved
    left join reference_works on resolved.reference_id = reference_works.work_id
)

select * from scored
